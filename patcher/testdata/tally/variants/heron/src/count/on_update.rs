//! Counting by early return.

use tally::check;
use tally::count::{self, State};
use wire::{Effect, Effects, Update};

/// Counts one update.
pub fn on_update(state: &mut State, update: &Update, out: &mut Effects) {
    if let Some(reason) = check::judge(update) {
        return out.push(Effect::Reject(reason));
    }
    let (total, _) = state.total.overflowing_add(count::weigh(update));
    *state = State { total, seen: count::Seen { counted: state.seen.counted + 1 } };
    out.push(Effect::Total(total));
}
