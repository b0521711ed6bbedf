//! `checkpoint.take`: a state of one's own.

use prime::checkpoint::{Effects, MAX_SNAPSHOTS, Mark, State, cut};
use wire::prime::Checkpoint;
use wire::{Config, PoSeq, Seq, Time, To};

/// Takes the checkpoint of `seq`.
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
    let (named, snapshot) = cut(seq, bytes);
    let room = state.snapshots() < MAX_SNAPSHOTS;
    state.marks.insert(
        seq,
        Mark {
            state: named,
            prefix: prefix.to_vec(),
            preceding: state.preceding.clone(),
            snapshot: Some(snapshot).filter(|_| room),
            proof: None,
        },
    );
    effects.send(To::All, Checkpoint { state: named });
    state.retransmit_at = now.after(config.timing.retransmit);
}
