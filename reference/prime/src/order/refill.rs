//! Time passes for the leader's token bucket.

use crate::order::{State, interval};
use slots::slot;
use wire::{Config, Time};

/// Fills the bucket from which [`accept`](super::accept) takes a token for each Pre-Prepare of the
/// leader.
///
/// One token comes in each interval of half `timing.pre_prepare`, in microseconds, rounded down (but at least
/// one). Let i be how many whole intervals lie between `state.filled_at` and `now`. `state.tokens` grows by i, to
/// `windows.order` at most, and `state.filled_at` by i intervals; if the bucket is full then,
/// `state.filled_at` becomes `now` instead, or stays if `now` is earlier. Nothing else changes.
///
/// Example: `timing.pre_prepare` 1000, empty since 0, now 1700: three tokens, `filled_at` 1500.
/// Invariant: of a leader's Pre-Prepares at most `windows.order + 2 * t / timing.pre_prepare` are
/// accepted, flooded and voted for within any time t, beside those that Q servers committed; of one
/// that sends at most `windows.order` at once and one in `timing.pre_prepare`, none ever waits.
/// Paper: 4.1 assumes that leaders send at a bounded rate. Deviation: it is enforced.
#[slot(order.refill)]
pub fn refill(state: &mut State, config: &Config, now: Time) {
    let interval = interval(config);
    let passed = now.since(state.filled_at) / interval;
    state.tokens = state.tokens.saturating_add(passed).min(config.windows.order);
    state.filled_at = if state.tokens == config.windows.order {
        now.max(state.filled_at)
    } else {
        state.filled_at.after(passed * interval)
    };
}
