//! Something was executed in a view.

use prime::suspect::State;
use wire::View;

/// Notes that the proof of the preinstalled view's election need no longer be shown to all.
pub fn settle(state: &mut State, view: View) {
    if view == state.view {
        state.settled = true;
    }
}
