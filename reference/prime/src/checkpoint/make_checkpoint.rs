//! A vote that may have been lost is said again.

use crate::checkpoint::{Effects, State};
use slots::slot;
use wire::prime::Checkpoint;
use wire::{Config, Time, To};

/// Says again which state this server had at its newest checkpoint, while that is not stable.
///
/// Nothing happens while `now < state.retransmit_at`, or if there is no mark above `state.stable`.
/// Otherwise `retransmit_at` becomes `now + timing.retransmit` and the Checkpoint for the newest mark is
/// emitted as `Send` to `To::Others`. Lower marks are not said again: who lacks votes for one of those
/// is helped by a proof.
///
/// Paper: none. Deviation: none.
///
/// Invariant: nothing but `retransmit_at` changes; at most one Checkpoint a call, of a mark above
/// `stable`.
#[slot(checkpoint.make_checkpoint)]
pub fn make_checkpoint(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    let newest = state.marks.last_key_value().filter(|(seq, _)| **seq > state.stable);
    let Some((_, mark)) = newest.filter(|_| now >= state.retransmit_at) else { return };
    effects.send(To::Others, Checkpoint { state: mark.state });
    state.retransmit_at = now.after(config.timing.retransmit);
}
