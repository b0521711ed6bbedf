//! The certificate as a count of the Prepares that equal the one looked for.

use prime::order::OrderSlot;
use wire::Config;
use wire::prime::Prepare;

/// Says whether `slot` holds a prepare certificate.
pub fn prepared(config: &Config, slot: &OrderSlot) -> bool {
    let Some(pre_prepare) = &slot.pre_prepare else {
        return false;
    };
    let wanted = Prepare {
        view: pre_prepare.body().view,
        seq: pre_prepare.body().seq,
        digest: pre_prepare.digest(),
    };
    let leader = pre_prepare.signer();
    let votes = slot
        .prepares
        .iter()
        .filter(|(signer, vote)| **signer != leader && *vote.body() == wanted);
    votes.count() >= config.votes_beside_proposer()
}
