//! One guard, one change.

use prime::order::State;
use wire::View;

/// Ends voting in the installed view.
pub fn preinstall(state: &mut State, view: View) {
    // What is kept early is of this very view if it is preinstalled already.
    if view > state.preinstalled {
        state.preinstalled = view;
        state.early.clear();
        state.promised.clear();
    }
}
