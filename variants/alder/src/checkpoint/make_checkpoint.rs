//! A server says again what its state was.

use prime::checkpoint::{Effects, State};
use wire::prime::Checkpoint;
use wire::{Config, Time, To};

/// Says again which state this server had at its newest checkpoint, while that is not stable.
pub fn make_checkpoint(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    if now < state.retransmit_at {
        return;
    }
    let Some((&number, mark)) = state.marks.last_key_value() else {
        return;
    };
    if number <= state.stable {
        return;
    }

    state.retransmit_at = Time(now.0.saturating_add(config.timing.retransmit));
    effects.send(To::Others, Checkpoint { state: mark.state });
}
