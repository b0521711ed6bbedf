//! Tokens for the leader's Pre-Prepares.

use prime::order::State;
use wire::{Config, Time};

/// Fills the bucket from which `accept` takes.
pub fn refill(state: &mut State, config: &Config, now: Time) {
    let mut interval = config.timing.pre_prepare / 2;
    if interval == 0 {
        interval = 1;
    }
    let most = config.windows.order;
    let elapsed = now.0.saturating_sub(state.filled_at.0);
    let whole = elapsed / interval;

    let mut tokens = state.tokens.saturating_add(whole);
    // At most what has elapsed, so it fits.
    let mut filled_at = state.filled_at.0 + whole * interval;
    if tokens >= most {
        tokens = most;
        if filled_at < now.0 {
            filled_at = now.0;
        }
    }
    state.tokens = tokens;
    state.filled_at = Time(filled_at);
}
