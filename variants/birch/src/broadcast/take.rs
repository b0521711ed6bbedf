//! What was delivered since the last time.

use prime::broadcast::State;
use wire::Verified;
use wire::prime::RbInit;

/// 5.3, "Preliminaries"
pub fn take(state: &mut State) -> Vec<Verified<RbInit>> {
    std::mem::take(&mut state.fresh)
        .iter()
        .filter_map(|tag| state.instances.get(tag).and_then(|instance| instance.init.clone()))
        .collect()
}
