//! Counting with the result in hand.

use tally::check::judge;
use tally::count::{State, weigh};
use wire::{Effect, Effects, Update};

/// Counts one update.
pub fn on_update(state: &mut State, update: &Update, effects: &mut Effects) {
    let effect = judge(update).map_or_else(
        || {
            state.seen.counted += 1;
            state.total = state.total.wrapping_add(weigh(update));
            Effect::Total(state.total)
        },
        Effect::Reject,
    );
    effects.push(effect);
}
