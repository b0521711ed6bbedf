//! What was delivered is handed out.

use prime::broadcast::State;
use wire::Verified;
use wire::prime::RbInit;

/// Empties `fresh` and returns the Inits of what stood there.
pub fn take(state: &mut State) -> Vec<Verified<RbInit>> {
    let tags = std::mem::take(&mut state.fresh);
    let mut inits = Vec::with_capacity(tags.len());
    for tag in tags {
        let Some(instance) = state.instances.get(&tag) else {
            continue;
        };
        let Some(init) = &instance.init else {
            continue;
        };
        inits.push(init.clone());
    }
    inits
}
