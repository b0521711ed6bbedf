//! A checkpoint becomes stable.

use prime::checkpoint::{Effects, MAX_LAG, PATIENCE, State};
use std::ops::Bound;
use wire::config::MAX_REPLICAS;
use wire::prime::{CheckpointProof, StateId};
use wire::{Config, List, Reject, ReplicaId, Seq, Time};

/// Whether one state stands `least` times in `states`.
fn agree(states: &mut [StateId], least: usize) -> bool {
    if states.len() < least {
        return false;
    }
    states.sort_unstable();
    let mut run = 0usize;
    let mut last: Option<StateId> = None;
    for &state in states.iter() {
        run = if last == Some(state) { run + 1 } else { 1 };
        last = Some(state);
        if run >= least {
            return true;
        }
    }
    false
}

/// Gives marks above `stable` their proofs; returns the numbers at which this server's state is wrong.
fn judge(state: &mut State, quorum: usize) -> Vec<Seq> {
    let before = state.stable;
    let mut wrong = Vec::new();
    for (&number, mark) in state.marks.range_mut((Bound::Excluded(before), Bound::Unbounded)) {
        let mut agreeing = 0usize;
        let mut others: Vec<StateId> = Vec::new();
        for votes in &state.votes {
            if let Some(vote) = votes.get(&number) {
                if vote.body().state == mark.state {
                    agreeing += 1;
                } else {
                    others.push(vote.body().state);
                }
            }
        }
        if agree(&mut others, quorum) {
            wrong.push(number);
        }
        if agreeing < quorum {
            continue;
        }
        let mut checkpoints = Vec::with_capacity(agreeing);
        for votes in &state.votes {
            if let Some(vote) = votes.get(&number) {
                if vote.body().state == mark.state && checkpoints.len() < MAX_REPLICAS {
                    checkpoints.push(vote.signed().clone());
                }
            }
        }
        if let Ok(checkpoints) = List::new(checkpoints) {
            mark.proof = Some(CheckpointProof { checkpoints, preceding: mark.preceding.clone() });
            state.stable = number;
        }
    }
    wrong
}

/// The newest stable mark with bytes.
fn newest(state: &State) -> Option<Seq> {
    for (&number, mark) in state.marks.range(..=state.stable).rev() {
        if mark.proof.is_some() && mark.snapshot.is_some() {
            return Some(number);
        }
    }
    None
}

/// Whether what is on offer may give way.
fn gives_way(state: &State, config: &Config, now: Time) -> bool {
    if state.offered == Seq(0) {
        return true;
    }
    let Some(asked_at) = state.asked_at else {
        return true;
    };
    let patience = PATIENCE.saturating_mul(config.timing.retransmit);
    if now.0 >= asked_at.0.saturating_add(patience) {
        return true;
    }
    let lag = state.stable.0.saturating_sub(state.offered.0);
    lag > MAX_LAG.saturating_mul(config.windows.checkpoint)
}

/// Looks whether a checkpoint of one's own has become stable, and draws the consequences.
pub fn settle(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    let wrong = judge(state, config.quorum());
    for number in wrong {
        effects.reject(None::<ReplicaId>, Reject::Invalid);
        for votes in &mut state.votes {
            votes.remove(&number);
        }
    }
    let stable = state.stable;

    for votes in &mut state.votes {
        while let Some(lowest) = votes.first_entry() {
            if *lowest.key() > stable {
                break;
            }
            lowest.remove();
        }
    }

    let best = newest(state);
    if let Some(number) = best {
        if number > state.offered && gives_way(state, config, now) {
            state.offered = number;
        }
    }
    let offered = state.offered;
    for (&number, mark) in state.marks.range_mut(..=stable) {
        if number != offered && Some(number) != best {
            mark.snapshot = None;
        }
    }

    let below = Seq(stable.0.saturating_sub(config.windows.checkpoint));
    let most = if offered < below { offered } else { below };
    if let Some((&number, _)) = state.marks.range(..=most).next_back() {
        if number > state.floor {
            state.floor = number;
        }
    }
    while let Some(lowest) = state.marks.first_entry() {
        if *lowest.key() >= state.floor {
            break;
        }
        lowest.remove();
    }

    if let Some(number) = newest(state) {
        if number > state.logged {
            state.due = true;
        }
    }
}
