//! A checkpoint of one's own.

use prime::checkpoint::{Effects, MAX_SNAPSHOTS, Mark, State};
use wire::prime::Checkpoint;
use wire::{Config, PoSeq, Seq, Time, To};

/// Takes the checkpoint of `seq`, just executed, whose state `bytes` encode.
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
    let (name, snapshot) = prime::checkpoint::cut(seq, bytes);
    let room = state.snapshots() < MAX_SNAPSHOTS;

    let mark = Mark {
        state: name,
        prefix: prefix.to_vec(),
        preceding: state.preceding.clone(),
        snapshot: if room { Some(snapshot) } else { None },
        proof: None,
    };
    state.marks.insert(seq, mark);
    effects.send(To::All, Checkpoint { state: name });
    state.retransmit_at = Time(now.0.saturating_add(config.timing.retransmit));
}
