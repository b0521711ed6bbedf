//! Archives why a number counts as ordered.

use prime::catch_up::{Certificate, State};
use prime::order::OrderSlot;
use wire::Seq;

/// Keeps the certificate of `seq`, unless a view change ordered the number.
pub fn keep(state: &mut State, seq: Seq, slot: &OrderSlot) {
    if let Some(certificate) = certificate(slot) {
        state.archive.insert(seq, certificate);
    }
}

/// The certificate that `slot` holds: its Pre-Prepare, and the Commits of that view and digest.
fn certificate(slot: &OrderSlot) -> Option<Certificate> {
    let pre_prepare = slot.pre_prepare.as_ref().filter(|_| !slot.replayed)?;
    let wanted = (pre_prepare.body().view, pre_prepare.digest());
    let commits = slot
        .commits
        .values()
        .filter(|commit| (commit.body().view, commit.body().digest) == wanted)
        .cloned()
        .collect();
    Some(Certificate { pre_prepare: pre_prepare.clone(), commits })
}
