//! The prepare certificate.

use crate::order::OrderSlot;
use slots::slot;
use wire::Config;

/// Says whether `slot` holds a prepare certificate.
///
/// That is: a Pre-Prepare, and Prepares with its view, number and digest from at least
/// `config.votes_beside_proposer()` distinct servers other than its signer.
///
/// Paper: 4.1, "Global Ordering Phase"; section 3. Deviation: Q - 1 = 2f+k, the report's 2f for
/// k = 0.
///
/// Invariant: more Prepares never make it false; votes of the Pre-Prepare's signer, or of another
/// view, number or digest, never make it true.
#[slot(order.prepared)]
pub fn prepared(config: &Config, slot: &OrderSlot) -> bool {
    let Some(proposal) = &slot.pre_prepare else { return false };
    let (view, seq, digest) = (proposal.body().view, proposal.body().seq, proposal.digest());
    let votes = slot.prepares.values().filter(|vote| {
        let body = vote.body();
        vote.signer() != proposal.signer()
            && (body.view, body.seq, body.digest) == (view, seq, digest)
    });
    votes.count() >= config.votes_beside_proposer()
}
