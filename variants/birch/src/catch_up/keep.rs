//! `catch_up.keep`: certificates of ordered numbers.

use prime::catch_up::{Certificate, State};
use prime::order::OrderSlot;
use wire::Seq;
use wire::Verified;
use wire::prime::PrePrepare;

/// The certificate that a slot amounts to with its Pre-Prepare.
fn certificate(slot: &OrderSlot, pre_prepare: &Verified<PrePrepare>) -> Certificate {
    let (view, digest) = (pre_prepare.body().view, pre_prepare.digest());
    Certificate {
        pre_prepare: pre_prepare.clone(),
        commits: slot
            .commits
            .values()
            .filter(|commit| commit.body().view == view && commit.body().digest == digest)
            .cloned()
            .collect(),
    }
}

/// Keeps the certificate of `seq`, unless a view change bound it.
pub fn keep(state: &mut State, seq: Seq, slot: &OrderSlot) {
    let shown = slot
        .pre_prepare
        .as_ref()
        .filter(|_| !slot.replayed)
        .map(|pre_prepare| certificate(slot, pre_prepare));
    state.archive.extend(shown.map(|certificate| (seq, certificate)));
}
