//! Draws the consequences of stable checkpoints.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

use prime::checkpoint::{MAX_LAG, Mark, PATIENCE, State};
use prime::view_change::Effects;
use wire::prime::{Checkpoint, CheckpointProof, StateId};
use wire::{Config, List, Reject, Seq, Signed, Time};

/// What the votes for a mark's number say of it.
enum Verdict {
    Stable(Vec<Signed<Checkpoint>>),
    Wrong,
}

/// Looks whether own checkpoints have become stable, or turned out wrong.
pub fn settle(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    for (seq, verdict) in verdicts(state, config) {
        carry_out(state, seq, verdict, effects);
    }
    let steps: [fn(&mut State, &Config, Time); 5] = [forget, offer, give_up, rise, mark_due];
    for step in steps {
        step(state, config, now);
    }
}

/// The marks above `stable` of which Q servers say one thing, ascending.
fn verdicts(state: &State, config: &Config) -> Vec<(Seq, Verdict)> {
    state
        .marks
        .range((Excluded(state.stable), Unbounded))
        .filter_map(|(seq, mark)| Some((*seq, verdict(state, config, *seq, mark)?)))
        .collect()
}

fn verdict(state: &State, config: &Config, seq: Seq, mark: &Mark) -> Option<Verdict> {
    let mut said: BTreeMap<StateId, Vec<&Signed<Checkpoint>>> = BTreeMap::new();
    for vote in state.votes.iter().filter_map(|held| held.get(&seq)) {
        said.entry(vote.body().state).or_default().push(vote.signed());
    }
    said.retain(|_, votes| votes.len() >= config.quorum());
    match said.remove(&mark.state) {
        Some(votes) => Some(Verdict::Stable(votes.into_iter().cloned().collect())),
        None => (!said.is_empty()).then_some(Verdict::Wrong),
    }
}

fn carry_out(state: &mut State, seq: Seq, verdict: Verdict, effects: &mut Effects) {
    match verdict {
        Verdict::Stable(votes) => {
            if let Some(mark) = state.marks.get_mut(&seq) {
                mark.proof = Some(CheckpointProof {
                    checkpoints: List::take(&mut votes.into_iter()),
                    preceding: mark.preceding.clone(),
                });
                state.stable = seq;
            }
        }
        Verdict::Wrong => {
            effects.reject(None, Reject::Invalid);
            for held in &mut state.votes {
                held.remove(&seq);
            }
        }
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

/// The newest stable state is offered, unless somebody is fetching the one on offer.
fn offer(state: &mut State, config: &Config, now: Time) {
    let Some(newer) = newest(state).filter(|newer| *newer > state.offered) else {
        return;
    };
    let patience = config.timing.retransmit.saturating_mul(PATIENCE);
    let lag = config.windows.checkpoint.saturating_mul(MAX_LAG);
    let reasons = [
        state.offered == Seq(0),
        state.asked_at.is_none_or(|at| now.0 >= at.0.saturating_add(patience)),
        state.stable.0.saturating_sub(state.offered.0) > lag,
    ];
    if reasons.contains(&true) {
        state.offered = newer;
    }
}

/// Of the marks up to the stable one, that on offer and the newest whole one keep their bytes.
fn give_up(state: &mut State, _config: &Config, _now: Time) {
    let stay = [newest(state), Some(state.offered)];
    for (seq, mark) in state.marks.range_mut(..=state.stable) {
        if !stay.contains(&Some(*seq)) {
            mark.snapshot = None;
        }
    }
}

/// What may be forgotten: up to an own checkpoint that is on offer or older, and an interval old.
fn rise(state: &mut State, config: &Config, _now: Time) {
    let old = Seq(state.stable.0.saturating_sub(config.windows.checkpoint));
    let most = state.offered.min(old);
    let highest = state.marks.range(..=most).next_back().map(|(seq, _)| *seq);
    state.floor = highest.map_or(state.floor, |highest| highest.max(state.floor));
    state.marks = state.marks.split_off(&state.floor);
}

/// A newer state can be the log's beginning.
fn mark_due(state: &mut State, _config: &Config, _now: Time) {
    state.due |= newest(state).is_some_and(|newest| newest > state.logged);
}

/// The newest stable mark with bytes.
fn newest(state: &State) -> Option<Seq> {
    state
        .marks
        .range(..=state.stable)
        .rev()
        .find(|(_, mark)| mark.snapshot.is_some() && mark.proof.is_some())
        .map(|(seq, _)| *seq)
}
