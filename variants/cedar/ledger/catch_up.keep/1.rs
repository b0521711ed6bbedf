//! Archives why a number counts as ordered.

use prime::catch_up::{Certificate, State};
use prime::order::OrderSlot;
use wire::Seq;

/// Keeps the certificate of `seq`, if ordering made one.
pub fn keep(state: &mut State, seq: Seq, slot: &OrderSlot) {
    if let Some(certificate) = certificate(slot) {
        state.archive.insert(seq, certificate);
    }
}

/// The certificate that `slot` holds: none if a view change ordered the number.
fn certificate(slot: &OrderSlot) -> Option<Certificate> {
    let pre_prepare = slot.pre_prepare.as_ref().filter(|_| !slot.replayed)?;
    let wanted = (pre_prepare.body().view, pre_prepare.body().seq, pre_prepare.digest());
    let commits: Vec<_> = slot
        .commits
        .values()
        .filter(|commit| {
            let said = commit.body();
            (said.view, said.seq, said.digest) == wanted
        })
        .cloned()
        .collect();
    let some = !commits.is_empty();
    some.then(|| Certificate { pre_prepare: pre_prepare.clone(), commits })
}
