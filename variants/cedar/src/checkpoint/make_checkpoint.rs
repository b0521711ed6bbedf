//! Says again which state this server had.

use prime::checkpoint::State;
use prime::view_change::Effects;
use wire::prime::Checkpoint;
use wire::{Config, Time, To};

/// Says the newest checkpoint again, while it is not stable.
pub fn make_checkpoint(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    let newest = state.marks.last_key_value().map(|(seq, mark)| (*seq, mark.state));
    match newest {
        Some((seq, name)) if seq > state.stable && now >= state.retransmit_at => {
            state.retransmit_at = Time(now.0.saturating_add(config.timing.retransmit));
            effects.send(To::Others, Checkpoint { state: name });
        }
        Some(_) | None => {}
    }
}
