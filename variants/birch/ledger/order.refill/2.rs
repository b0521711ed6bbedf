//! The bucket of the leader's Pre-Prepares.

use prime::order::State;
use wire::Config;
use wire::Time;

/// 4.1 assumes that leaders send at a bounded rate
pub fn refill(state: &mut State, config: &Config, now: Time) {
    let interval = (config.timing.pre_prepare / 2).max(1);
    let elapsed = now.0.saturating_sub(state.filled_at.0);
    let whole = elapsed - elapsed % interval;
    state.tokens = state
        .tokens
        .saturating_add(whole / interval)
        .min(config.windows.order);
    state.filled_at = if state.tokens == config.windows.order {
        state.filled_at.max(now)
    } else {
        Time(state.filled_at.0.saturating_add(whole))
    };
}
