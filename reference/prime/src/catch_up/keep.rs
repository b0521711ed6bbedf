//! The certificate of an ordered number goes to the archive.

use crate::catch_up::{Certificate, State};
use crate::order::OrderSlot;
use slots::slot;
use wire::Seq;

/// Keeps the certificate of `seq` in `archive`, in place of one that is there: the Pre-Prepare of its
/// `slot`, and those of the slot's Commits that have the Pre-Prepare's view and digest, ascending by
/// signer.
///
/// Requires: `slot` is that of `seq` and `committed`; unless `replayed`, it holds a Pre-Prepare.
///
/// Nothing happens if the slot is `replayed`: what a view change bound is shown by its install
/// certificate (`view_change::serve`), and there need be neither a Pre-Prepare nor Commits.
///
/// Paper: none. Deviation: none.
///
/// Invariant: an archived certificate has a Pre-Prepare and only Commits that name its view, number
/// and digest, one a signer, ascending.
/// Invariant: nothing but the archive's entry for `seq` changes.
#[slot(catch_up.keep)]
pub fn keep(state: &mut State, seq: Seq, slot: &OrderSlot) {
    assert!(slot.committed, "only ordered numbers are kept");
    if slot.replayed {
        return;
    }
    let pre_prepare = slot.pre_prepare.clone().expect("part of the certificate");
    let named = (pre_prepare.body().view, pre_prepare.digest());
    let votes =
        slot.commits.values().filter(|vote| (vote.body().view, vote.body().digest) == named);
    let commits = votes.cloned().collect();
    state.archive.insert(seq, Certificate { pre_prepare, commits });
}
