//! Counting by loop and break.

use tally::check::judge;
use tally::count::{State, weigh};
use wire::{Effect, Effects, Update};

/// Counts one update.
pub fn on_update(state: &mut State, update: &Update, effects: &mut Effects) {
    let effect = 'done: {
        let Some(reason) = judge(update) else {
            let State { total, seen } = state;
            seen.counted += 1;
            *total = total.wrapping_add(weigh(update));
            break 'done Effect::Total(*total);
        };
        Effect::Reject(reason)
    };
    effects.push(effect);
}
