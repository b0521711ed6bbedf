//! Prepare certificates.

use prime::order::OrderSlot;
use wire::Config;

/// Whether `slot` holds a prepare certificate.
pub fn prepared(config: &Config, slot: &OrderSlot) -> bool {
    let Some(message) = &slot.pre_prepare else {
        return false;
    };
    let need = config.votes_beside_proposer();
    if slot.prepares.len() < need {
        return false;
    }
    let proposer = message.signer();
    let digest = message.digest();
    let body = message.body();
    let mut votes = 0_usize;
    for (id, vote) in &slot.prepares {
        if *id == proposer {
            continue;
        }
        let vote = vote.body();
        if vote.digest == digest && vote.view == body.view && vote.seq == body.seq {
            votes += 1;
            if votes >= need {
                return true;
            }
        }
    }
    votes >= need
}
