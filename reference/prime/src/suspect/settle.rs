//! The new leader does its work.

use crate::suspect::State;
use slots::slot;
use wire::View;

/// Notes that something was executed in the installed view `view`: if that is the preinstalled one,
/// `state.settled` is set and the proof of its election need no longer be shown to all.
///
/// Paper: none. Deviation: none.
///
/// Invariant: `settled` never becomes false here; nothing else changes.
#[slot(suspect.settle)]
pub fn settle(state: &mut State, view: View) {
    state.settled |= view == state.view;
}
