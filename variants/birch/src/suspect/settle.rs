//! `suspect.settle`: the view works.

use prime::suspect::State;
use wire::View;

/// Something was executed in the installed view `view`.
pub fn settle(state: &mut State, view: View) {
    state.settled = state.settled || view == state.view;
}
