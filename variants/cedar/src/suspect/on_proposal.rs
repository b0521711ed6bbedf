//! Ends the measurements that a Pre-Prepare answers.

use std::collections::BTreeSet;

use prime::pre_order::covers;
use prime::suspect::{Awaited, State, keep_sample};
use wire::monitoring::Monitoring;
use wire::prime::Matrix;
use wire::{ReplicaId, Time};

/// Ends every measurement whose matrix is covered by `preceding`.
pub fn on_proposal(
    state: &mut State,
    rules: &Monitoring,
    now: Time,
    blacklist: &BTreeSet<ReplicaId>,
    preceding: &Matrix,
) {
    let mut ended = Vec::new();
    state.open.retain(|it| {
        let over = match &it.awaited {
            Awaited::Matrix(matrix) => covers(blacklist, preceding, matrix),
            Awaited::Replay(_) => false,
        };
        if over {
            ended.push(it.since);
        }
        !over
    });
    if state.open.is_empty() {
        state.watch_at = None;
    }
    for since in ended {
        keep_sample(state, rules, now, now.0.saturating_sub(since.0));
    }
}
