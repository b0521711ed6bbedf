//! `suspect.on_proposal`: the leader proposed; what it covers is no longer owed.

use prime::pre_order::covers;
use prime::suspect::{Awaited, Measurement, State, keep_sample};
use std::collections::BTreeSet;
use wire::monitoring::Monitoring;
use wire::prime::Matrix;
use wire::{ReplicaId, Time};

/// Ends the measurements that `preceding` covers.
pub fn on_proposal(
    state: &mut State,
    rules: &Monitoring,
    now: Time,
    blacklist: &BTreeSet<ReplicaId>,
    preceding: &Matrix,
) {
    let (ended, open): (Vec<Measurement>, Vec<Measurement>) =
        std::mem::take(&mut state.open).into_iter().partition(|waiting| match &waiting.awaited {
            Awaited::Matrix(matrix) => covers(blacklist, preceding, matrix),
            Awaited::Replay(_) => false,
        });
    state.watch_at = state.watch_at.filter(|_| !open.is_empty());
    state.open = open;
    ended.iter().for_each(|done| keep_sample(state, rules, now, now.since(done.since)));
}
