//! Checkpoints become stable, and what they cover may be forgotten.

use crate::checkpoint::{Effects, MAX_LAG, PATIENCE, State};
use slots::slot;
use wire::prime::CheckpointProof;
use wire::{Config, List, Reject, Seq, Time};

/// Looks whether a checkpoint of one's own has become stable, and draws the consequences.
///
/// The marks above `stable` are looked at in ascending order. A mark with Checkpoints in `votes` for its
/// state from at least Q servers gets as `proof` all of those, ascending by signer, with its own
/// `preceding`; the highest such becomes `stable`. If Q servers agree on another state under the number of such a mark, this server's is wrong: Rejects:
/// `Invalid`, naming nobody, once for each such number, and all votes for that number are dropped. The
/// mark stays: a server cannot tell why it is wrong and goes on; those who watch it see the reject,
/// and its state differ, and restore it.
///
/// A *stable mark* is one at or below `stable` that has a `proof`.
/// Then, whether or not anything became stable:
/// - votes at or below `stable` are dropped;
/// - the newest stable mark with bytes, if it is above `offered`, becomes `offered` if nothing is on
///   offer (`offered` is 0), if `asked_at` is none or `now` is at or after `asked_at + PATIENCE *
///   timing.retransmit`, or if `offered` is more than `MAX_LAG` intervals of `windows.checkpoint` below
///   `stable`. `asked_at` stays as it is: who asked for the one before may have to begin again, with this
///   one;
/// - marks at or below `stable` lose their bytes, except the one on offer and the newest stable one with
///   bytes;
/// - `floor` becomes the highest mark at or below both `offered` and `stable` less one interval (0 if
///   that is below 0), if that is higher than `floor`; marks below `floor` are dropped;
/// - `due` is set if the newest stable mark with bytes is above `logged`.
///
/// Invariant: `floor <= offered <= stable`.
/// Paper: none. Deviation: none.
#[slot(checkpoint.settle)]
pub fn settle(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    let above: Vec<Seq> = state.marks.range(state.stable.next()..).map(|(seq, _)| *seq).collect();
    above.into_iter().for_each(|seq| count(state, config, seq, effects));

    for votes in &mut state.votes {
        *votes = votes.split_off(&state.stable.next());
    }
    let stable = state.marks.range(..=state.stable).rev();
    let held = |(_, mark): &(&Seq, &crate::checkpoint::Mark)| {
        mark.snapshot.is_some() && mark.proof.is_some()
    };
    let newest = stable.clone().find(held).map_or(Seq(0), |(seq, _)| *seq);
    let patience = PATIENCE * config.timing.retransmit;
    let idle = state.asked_at.is_none_or(|at| now >= at.after(patience));
    let lag = state.stable.0 - state.offered.0;
    if state.offered == Seq(0) || idle || lag > MAX_LAG * config.windows.checkpoint {
        state.offered = state.offered.max(newest);
    }
    let (offered, upto) = (state.offered, state.stable);
    for (seq, mark) in state.marks.range_mut(..=upto) {
        if *seq != offered && *seq != newest {
            mark.snapshot = None;
        }
    }
    let limit = state.offered.min(Seq(state.stable.0.saturating_sub(config.windows.checkpoint)));
    if let Some((&floor, _)) = state.marks.range(..=limit).next_back() {
        state.floor = state.floor.max(floor);
        state.marks = state.marks.split_off(&state.floor);
    }
    state.due |= newest > state.logged;
    assert!(state.floor <= state.offered);
    assert!(state.offered <= state.stable);
}

/// Counts the votes on the mark of `seq`.
fn count(state: &mut State, config: &Config, seq: Seq, effects: &mut Effects) {
    let Some(mark) = state.marks.get_mut(&seq) else { return };
    let held = state.votes.iter().filter_map(|votes| votes.get(&seq));
    let (ours, others): (Vec<_>, Vec<_>) = held.partition(|vote| vote.body().state == mark.state);
    if ours.len() >= config.quorum() {
        let votes = ours.into_iter().map(|vote| vote.signed().clone()).collect();
        let checkpoints = List::new(votes).expect("at most one for each replica");
        mark.proof = Some(CheckpointProof { checkpoints, preceding: mark.preceding.clone() });
        state.stable = seq;
        return;
    }
    let agree = |name| others.iter().filter(|vote| vote.body().state == name).count();
    if others.iter().any(|vote| agree(vote.body().state) >= config.quorum()) {
        effects.reject(None, Reject::Invalid);
        state.votes.iter_mut().for_each(|votes| drop(votes.remove(&seq)));
    }
}
