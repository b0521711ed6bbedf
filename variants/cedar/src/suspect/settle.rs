//! Notes that something was executed in a view.

use prime::suspect::State;
use wire::View;

/// The preinstalled view is settled, if it is `view`.
pub fn settle(state: &mut State, view: View) {
    state.settled |= view == state.view;
}
