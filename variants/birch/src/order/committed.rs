//! Whether a slot holds a commit certificate.

use prime::order::OrderSlot;
use wire::Config;

/// 4.1, "Global Ordering Phase"; section 3
pub fn committed(config: &Config, slot: &OrderSlot) -> bool {
    slot.pre_prepare.as_ref().is_some_and(|pre_prepare| {
        let (view, seq) = (pre_prepare.body().view, pre_prepare.body().seq);
        slot.commits
            .values()
            .map(|commit| commit.body())
            .filter(|vote| {
                vote.digest == pre_prepare.digest() && vote.view == view && vote.seq == seq
            })
            .count()
            >= config.quorum()
    })
}
