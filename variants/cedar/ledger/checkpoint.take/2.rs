//! Takes a checkpoint.

use prime::checkpoint::{MAX_SNAPSHOTS, Mark, State, cut};
use prime::view_change::Effects;
use wire::prime::Checkpoint;
use wire::{Config, PoSeq, Seq, Time, To};

/// Keeps the name of the state after `seq`, its bytes if there is room, and tells everybody.
pub fn take(
    state: &mut State,
    config: &Config,
    now: Time,
    seq: Seq,
    bytes: Vec<u8>,
    prefix: &[PoSeq],
    effects: &mut Effects,
) {
    if state.marks.contains_key(&seq) {
        return;
    }
    let (name, snapshot) = cut(seq, bytes);
    let room = state.snapshots() < MAX_SNAPSHOTS;
    let mark = Mark {
        state: name,
        prefix: prefix.to_vec(),
        preceding: state.preceding.clone(),
        snapshot: Some(snapshot).filter(|_| room),
        proof: None,
    };
    state.marks.insert(seq, mark);
    state.retransmit_at = Time(now.0.saturating_add(config.timing.retransmit));
    effects.send(To::All, Checkpoint { state: name });
}
