//! The commit certificate.

use crate::order::OrderSlot;
use slots::slot;
use wire::Config;

/// Says whether `slot` holds a commit certificate.
///
/// That is: a Pre-Prepare, and Commits with its view, number and digest from at least
/// `config.quorum()` distinct servers.
///
/// Paper: 4.1, "Global Ordering Phase"; section 3. Deviation: Q = 2f+k+1, the report's 2f+1 for
/// k = 0.
///
/// Invariant: more Commits never make it false; votes of another view, number or digest never make
/// it true.
#[slot(order.committed)]
pub fn committed(config: &Config, slot: &OrderSlot) -> bool {
    let Some(proposal) = &slot.pre_prepare else { return false };
    let (view, seq, digest) = (proposal.body().view, proposal.body().seq, proposal.digest());
    let votes = slot.commits.values().filter(|vote| {
        let body = vote.body();
        (body.view, body.seq, body.digest) == (view, seq, digest)
    });
    votes.count() >= config.quorum()
}
