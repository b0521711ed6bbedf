//! Voting in the installed view ends.

use prime::order::State;
use std::collections::BTreeMap;
use wire::View;

/// 5.3, "State Dissemination Phase"
pub fn preinstall(state: &mut State, view: View) {
    state.preinstalled = view;
    state.early = BTreeMap::new();
    state.promised = BTreeMap::new();
}
