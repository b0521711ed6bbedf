//! The certificate of an ordered number goes to the archive.

use crate::catch_up::{Certificate, State};
use crate::order::OrderSlot;
use slots::slot;
use wire::Seq;

/// Keeps the certificate of `seq`, whose `slot` is committed: its Pre-Prepare, and those of its
/// Commits that name the Pre-Prepare's digest, ascending by signer.
///
/// Paper: none. Deviation: none.
#[slot(catch_up.keep)]
pub fn keep(state: &mut State, seq: Seq, slot: &OrderSlot) {
    assert!(slot.committed, "only ordered numbers are kept");
    let pre_prepare = slot.pre_prepare.clone().expect("part of the certificate");
    let digest = pre_prepare.digest();
    let votes = slot.commits.values().filter(|vote| vote.body().digest == digest);
    let commits = votes.cloned().collect();
    state.archive.insert(seq, Certificate { pre_prepare, commits });
}
