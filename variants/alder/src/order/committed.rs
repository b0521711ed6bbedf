//! Commit certificates.

use prime::order::OrderSlot;
use wire::Config;

/// Whether `slot` holds a commit certificate.
pub fn committed(config: &Config, slot: &OrderSlot) -> bool {
    let Some(message) = &slot.pre_prepare else {
        return false;
    };
    let need = config.quorum();
    if slot.commits.len() < need {
        return false;
    }
    let digest = message.digest();
    let body = message.body();
    let mut votes = 0_usize;
    for (_, vote) in &slot.commits {
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
