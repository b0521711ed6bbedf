//! Takes a checkpoint.

use prime::checkpoint::{MAX_SNAPSHOTS, Mark, State, cut};
use prime::view_change::Effects;
use wire::prime::Checkpoint;
use wire::{Config, PoSeq, Seq, Time, To};

/// Keeps the state after `seq` and tells everybody.
pub fn take(
    state: &mut State,
    config: &Config,
    now: Time,
    seq: Seq,
    bytes: Vec<u8>,
    prefix: &[PoSeq],
    effects: &mut Effects,
) {
    let (name, snapshot) = cut(seq, bytes);
    let mark = Mark {
        state: name,
        prefix: prefix.to_vec(),
        preceding: state.preceding.clone(),
        snapshot: Some(snapshot),
        proof: None,
    };
    state.marks.insert(seq, mark);
    let excess = state.snapshots().saturating_sub(MAX_SNAPSHOTS);
    let offered = state.offered;
    let spare = state
        .marks
        .iter_mut()
        .filter(|(number, mark)| **number != offered && **number != seq && mark.snapshot.is_some())
        .take(excess);
    for (_, mark) in spare {
        mark.snapshot = None;
    }
    state.retransmit_at = Time(now.0.saturating_add(config.timing.retransmit));
    effects.send(To::All, Checkpoint { state: name });
}
