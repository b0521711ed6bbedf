//! The certificate of an ordered number goes to the archive.

use prime::catch_up::{Certificate, State};
use prime::order::OrderSlot;
use wire::Seq;

/// Keeps the certificate of `seq`, unless a view change bound the number.
pub fn keep(state: &mut State, seq: Seq, slot: &OrderSlot) {
    if slot.replayed {
        return;
    }
    let Some(pre_prepare) = &slot.pre_prepare else {
        return;
    };
    let view = pre_prepare.body().view;
    let digest = pre_prepare.digest();
    let mut commits = Vec::with_capacity(slot.commits.len());
    for commit in slot.commits.values() {
        let body = commit.body();
        if body.view == view && body.digest == digest {
            commits.push(commit.clone());
        }
    }

    state.archive.insert(seq, Certificate { pre_prepare: pre_prepare.clone(), commits });
}
