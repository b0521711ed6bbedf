//! A server's own checkpoint.

use crate::checkpoint::{Effects, MAX_SNAPSHOTS, Mark, State, cut};
use slots::slot;
use wire::prime::Checkpoint;
use wire::{Config, PoSeq, Seq, Time, To};

/// Takes the checkpoint of `seq`, just executed, whose state `bytes` encode.
///
/// The state is named by [`cut`] and enters `marks` under `seq` with `prefix` and `state.preceding`,
/// without proof; if a mark is there already, nothing happens. Its bytes are kept with it if, without them,
/// fewer than `MAX_SNAPSHOTS` are held; else they are let go and only the name stays. The
/// Checkpoint is emitted as `Send` to `To::All`, without `Persist` (it says what the log says: an
/// adopted state was logged in the step that adopted it), and `retransmit_at` becomes
/// `now + timing.retransmit`.
///
/// Requires: `prefix` has N entries.
/// Invariant: at most `MAX_SNAPSHOTS` snapshots.
/// Paper: none. Deviation: none.
#[slot(checkpoint.take)]
pub fn take(
    state: &mut State,
    config: &Config,
    now: Time,
    seq: Seq,
    bytes: Vec<u8>,
    prefix: &[PoSeq],
    effects: &mut Effects,
) {
    assert_eq!(prefix.len(), config.size());
    if state.marks.contains_key(&seq) {
        return;
    }
    let room = state.snapshots() < MAX_SNAPSHOTS;
    let (name, snapshot) = cut(seq, bytes);
    let mark = Mark {
        state: name,
        prefix: prefix.to_vec(),
        preceding: state.preceding.clone(),
        snapshot: room.then_some(snapshot),
        proof: None,
    };
    state.marks.insert(seq, mark);
    state.retransmit_at = now.after(config.timing.retransmit);
    effects.send(To::All, Checkpoint { state: name });
}
