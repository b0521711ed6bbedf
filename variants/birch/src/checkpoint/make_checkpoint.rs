//! `checkpoint.make_checkpoint`: the own newest vote, again.

use prime::checkpoint::{Effects, State};
use wire::prime::Checkpoint;
use wire::{Config, Time, To};

/// Says the newest vote again while it is not stable.
pub fn make_checkpoint(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    let newest = state
        .marks
        .last_key_value()
        .filter(|(seq, _)| **seq > state.stable && now >= state.retransmit_at)
        .map(|(_, mark)| mark.state);
    if let Some(named) = newest {
        state.retransmit_at = now.after(config.timing.retransmit);
        effects.send(To::Others, Checkpoint { state: named });
    }
}
