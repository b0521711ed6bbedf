//! Größe zählt – multi-byte text in front of a slot: ✓.

use crate::check::judge;
use crate::count::{State, weigh};
use slots::slot;
use wire::{Effect, Effects, Update};

/// Counts one update – or says why not.
///
/// Emits `Reject` with the reason of [`judge`] and changes nothing, or adds the update's weight to
/// `total` (wrapping) and emits `Total` with the new total.
///
/// Invariant: `total` changes only when `Total` is emitted.
/// Invariant: `seen.counted` counts the updates
/// that were counted.
///
/// Paper: section 3.1, "Counting". Deviation: it wraps.
#[slot(count.on_update)]
#[inline]
pub fn on_update(state: &mut State, update: &Update, effects: &mut Effects) {
    match judge(update) {
        Some(reason) => effects.push(Effect::Reject(reason)),
        None => {
            add(state, weigh(update));
            effects.push(Effect::Total(state.total));
        }
    }
}

/// Adds – wrapping.
fn add(state: &mut State, weight: u64) {
    state.total = state.total.wrapping_add(weight);
    state.seen.counted += 1;
}
