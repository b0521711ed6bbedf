//! The leader may have done what it was asked.

use crate::pre_order::covers;
use crate::suspect::{Awaited, State, keep_sample};
use slots::slot;
use std::collections::BTreeSet;
use wire::monitoring::Monitoring;
use wire::prime::Matrix;
use wire::{ReplicaId, Time};

/// Ends every measurement whose matrix is covered by `preceding`: the matrix of the last Pre-Prepare
/// that is valid here in the installed view, which must be the preinstalled one, or, before its first,
/// of what it follows. Covered is as [`covers`] says with `blacklist`.
///
/// Each that ends leaves `state.open`, in order, and its age at `now` is kept ([`keep_sample`]). The
/// others keep their order; what awaits a Replay stays. If `open` is empty afterwards, `watch_at` becomes
/// `None`, whether or not something ended.
///
/// Called when a Pre-Prepare became valid, and when the blacklist grew: who is asked to cover what a
/// blacklisted server signed has nothing left to propose.
///
/// Paper: 4.2, "Suspect-Leader Protocol". Deviation: the Pre-Prepares of the view up to this one have
/// all come.
///
/// Invariant: the order of the measurements that stay open does not change, and none is begun;
/// nothing is emitted.
#[slot(suspect.on_proposal)]
pub fn on_proposal(
    state: &mut State,
    rules: &Monitoring,
    now: Time,
    blacklist: &BTreeSet<ReplicaId>,
    preceding: &Matrix,
) {
    for one in std::mem::take(&mut state.open) {
        match &one.awaited {
            Awaited::Matrix(matrix) if covers(blacklist, preceding, matrix) => {
                keep_sample(state, rules, now, now.since(one.since));
            }
            Awaited::Matrix(_) | Awaited::Replay(_) => state.open.push(one),
        }
    }
    if state.open.is_empty() {
        state.watch_at = None;
    }
}
