//! What was said about the lowest unordered numbers, said again from time to time.

use prime::order::Effects;
use prime::order::State;
use std::ops::Bound::Excluded;
use std::ops::Bound::Unbounded;
use wire::Config;
use wire::Effect;
use wire::Time;
use wire::To;
use wire::prime::Incoming;

/// Most rows of matrices in one call.
const ROWS: usize = 256;

/// Sends again what this server said about the lowest unordered numbers.
pub fn retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    if now < state.retransmit_at {
        return;
    }
    state.retransmit_at = Time(now.0.saturating_add(config.timing.retransmit));
    state
        .slots
        .range((Excluded(state.ordered), Unbounded))
        .take(ROWS / config.size())
        .flat_map(|(seq, slot)| {
            let pre_prepare = slot
                .pre_prepare
                .as_ref()
                .filter(|_| *seq <= state.accepted)
                .map(|held| Incoming::from(held.clone()));
            let prepare = slot
                .prepares
                .get(&state.me)
                .map(|own| Incoming::from(own.clone()));
            let commit = slot
                .commits
                .get(&state.me)
                .map(|own| Incoming::from(own.clone()));
            [pre_prepare, prepare, commit].into_iter().flatten()
        })
        .for_each(|message| {
            effects.push(Effect::Relay {
                to: To::Others,
                message,
            });
        });
}
