//! Draws the consequences of stable checkpoints.

use std::ops::Bound::{Excluded, Unbounded};

use prime::checkpoint::{MAX_LAG, Mark, PATIENCE, State};
use prime::view_change::Effects;
use wire::prime::{Checkpoint, CheckpointProof};
use wire::{Config, List, Seq, Signed, Time};

/// Looks whether an own checkpoint has become stable.
pub fn settle(state: &mut State, config: &Config, now: Time, _effects: &mut Effects) {
    let steps: [fn(&mut State, &Config, Time); 5] = [prove, offer, rise, forget, mark_due];
    for step in steps {
        step(state, config, now);
    }
}

/// The highest own checkpoint that Q servers vouch for becomes stable.
fn prove(state: &mut State, config: &Config, _now: Time) {
    let found = state
        .marks
        .range((Excluded(state.stable), Unbounded))
        .rev()
        .map(|(seq, mark)| (*seq, votes_for(state, mark)))
        .find(|(_, votes)| votes.len() >= config.quorum());
    let Some((seq, votes)) = found else {
        return;
    };
    if let Some(mark) = state.marks.get_mut(&seq) {
        mark.proof = Some(CheckpointProof {
            checkpoints: List::take(&mut votes.into_iter()),
            preceding: mark.preceding.clone(),
        });
        state.stable = seq;
    }
}

fn votes_for(state: &State, mark: &Mark) -> Vec<Signed<Checkpoint>> {
    state
        .votes
        .iter()
        .filter_map(|held| held.get(&mark.state.seq))
        .filter(|vote| vote.body().state == mark.state)
        .map(|vote| vote.signed().clone())
        .collect()
}

/// The newest stable state is offered, unless somebody is fetching the one on offer.
fn offer(state: &mut State, config: &Config, now: Time) {
    let newer = state
        .marks
        .range(..=state.stable)
        .rev()
        .take_while(|(seq, _)| **seq > state.offered)
        .find(|(_, mark)| whole(mark))
        .map(|(seq, _)| *seq);
    let Some(newer) = newer else {
        return;
    };
    let patience = config.timing.retransmit.saturating_mul(PATIENCE);
    let lag = config.windows.checkpoint.saturating_mul(MAX_LAG);
    let keeps = [
        state.offered != Seq(0),
        state.asked_at.is_some_and(|at| now.0 < at.0.saturating_add(patience)),
        state.stable.0.saturating_sub(state.offered.0) <= lag,
    ];
    if keeps.contains(&false) {
        state.offered = newer;
        state.asked_at = None;
        for (_, mark) in state.marks.range_mut(..newer) {
            mark.snapshot = None;
        }
    }
}

/// What may be forgotten: up to an own checkpoint that is on offer or older, and an interval old.
fn rise(state: &mut State, config: &Config, _now: Time) {
    let Some(old) = state.stable.0.checked_sub(config.windows.checkpoint) else {
        return;
    };
    let most = state.offered.min(Seq(old));
    let floor = state.marks.range(..=most).next_back().map(|(seq, _)| *seq);
    if let Some(floor) = floor.filter(|floor| *floor > state.floor) {
        state.floor = floor;
        state.marks = state.marks.split_off(&floor);
    }
}

/// Votes at or below the stable checkpoint are of no more use.
fn forget(state: &mut State, _config: &Config, _now: Time) {
    let stable = state.stable;
    for held in &mut state.votes {
        while held.first_key_value().is_some_and(|(seq, _)| *seq <= stable) {
            held.pop_first();
        }
    }
}

/// A newer state can be the log's beginning.
fn mark_due(state: &mut State, _config: &Config, _now: Time) {
    let newer = state.stable > state.logged && state.marks.get(&state.stable).is_some_and(whole);
    state.due |= newer;
}

/// Whether bytes and proof are held.
fn whole(mark: &Mark) -> bool {
    mark.snapshot.is_some() && mark.proof.is_some()
}
