//! `checkpoint.settle`: which own checkpoints are stable, and what follows from that.

use prime::checkpoint::{Effects, MAX_LAG, Mark, PATIENCE, State};
use wire::prime::{Checkpoint, CheckpointProof, StateId};
use wire::{Config, List, Reject, Seq, Time, Verified};

/// What the votes under one number say of the own mark.
enum Verdict {
    /// Q servers have this state.
    Stable(CheckpointProof),
    /// Q servers have another.
    Wrong,
    /// Nothing yet.
    Open,
}

/// The votes for number `seq`, ascending by signer.
fn votes_for(state: &State, seq: Seq) -> Vec<&Verified<Checkpoint>> {
    state.votes.iter().filter_map(|row| row.get(&seq)).collect()
}

/// What `votes`, all for the number of `mark`, say of it.
fn judge(config: &Config, mark: &Mark, votes: &[&Verified<Checkpoint>]) -> Verdict {
    let own = votes.iter().filter(|vote| vote.body().state == mark.state);
    if own.clone().count() >= config.quorum() {
        let checkpoints = List::take(&mut own.map(|vote| vote.signed().clone()));
        return Verdict::Stable(CheckpointProof { checkpoints, preceding: mark.preceding.clone() });
    }
    let mut others: Vec<StateId> =
        votes.iter().map(|vote| vote.body().state).filter(|named| *named != mark.state).collect();
    others.sort_unstable();
    if others.chunk_by(|one, next| one == next).any(|run| run.len() >= config.quorum()) {
        Verdict::Wrong
    } else {
        Verdict::Open
    }
}

/// Looks at the marks above `stable`.
fn count(state: &mut State, config: &Config, effects: &mut Effects) {
    let above = state.stable.next();
    let verdicts: Vec<(Seq, Verdict)> = state
        .marks
        .range(above..)
        .filter(|(seq, _)| **seq > state.stable)
        .map(|(&seq, mark)| (seq, judge(config, mark, &votes_for(state, seq))))
        .collect();
    for (seq, verdict) in verdicts {
        match verdict {
            Verdict::Open => {}
            Verdict::Wrong => {
                effects.reject(None, Reject::Invalid);
                state.votes.iter_mut().for_each(|row| drop(row.remove(&seq)));
            }
            Verdict::Stable(proof) => {
                state.stable = seq;
                state.marks.entry(seq).and_modify(|mark| mark.proof = Some(proof));
            }
        }
    }
}

/// The newest stable mark with bytes.
fn newest(state: &State) -> Option<Seq> {
    state
        .marks
        .range(..=state.stable)
        .rev()
        .find(|(_, mark)| mark.proof.is_some() && mark.snapshot.is_some())
        .map(|(&seq, _)| seq)
}

/// Whether what is on offer gives way to what is newer.
fn gives_way(state: &State, config: &Config, now: Time) -> bool {
    let patience = config.timing.retransmit.saturating_mul(PATIENCE);
    let lag = config.windows.checkpoint.saturating_mul(MAX_LAG);
    state.offered == Seq(0)
        || state.asked_at.is_none_or(|asked| now >= asked.after(patience))
        || state.stable.0.saturating_sub(state.offered.0) > lag
}

/// Draws the consequences.
pub fn settle(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    count(state, config, effects);
    let stable = state.stable;
    state.votes.iter_mut().for_each(|row| row.retain(|&seq, _| seq > stable));
    let newest = newest(state);
    if let Some(next) = newest.filter(|&seq| seq > state.offered) {
        if gives_way(state, config, now) {
            state.offered = next;
        }
    }
    let offered = state.offered;
    state
        .marks
        .range_mut(..=stable)
        .filter(|(seq, _)| **seq != offered && Some(**seq) != newest)
        .for_each(|(_, mark)| mark.snapshot = None);
    let limit = offered.min(Seq(stable.0.saturating_sub(config.windows.checkpoint)));
    let floor = state.marks.range(..=limit).next_back().map_or(state.floor, |(&seq, _)| seq);
    state.floor = state.floor.max(floor);
    while let Some(lowest) = state.marks.first_entry().filter(|mark| *mark.key() < state.floor) {
        lowest.remove();
    }
    state.due = state.due || newest.is_some_and(|seq| seq > state.logged);
}
