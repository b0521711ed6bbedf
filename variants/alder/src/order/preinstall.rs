//! Voting in the installed view ends.

use prime::order::State;
use wire::View;

/// Ends voting in the installed view.
pub fn preinstall(state: &mut State, view: View) {
    state.preinstalled = view;
    state.early.clear();
    state.promised.clear();
}
