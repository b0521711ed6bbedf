//! Whether a slot holds a prepare certificate.

use prime::order::OrderSlot;
use wire::Config;

/// 4.1, "Global Ordering Phase"; section 3
pub fn prepared(config: &Config, slot: &OrderSlot) -> bool {
    slot.pre_prepare.as_ref().is_some_and(|pre_prepare| {
        let (view, seq) = (pre_prepare.body().view, pre_prepare.body().seq);
        slot.prepares
            .iter()
            .filter(|(signer, _)| **signer != pre_prepare.signer())
            .map(|(_, prepare)| prepare.body())
            .filter(|vote| {
                vote.digest == pre_prepare.digest() && vote.view == view && vote.seq == seq
            })
            .count()
            >= config.votes_beside_proposer()
    })
}
