//! `view_change.retire`: what a stable checkpoint covers.

use prime::view_change::State;
use wire::Seq;

/// Drops what is kept for numbers up to `floor` alone.
pub fn retire(state: &mut State, floor: Seq) {
    let first = floor.next();
    let newest = state
        .installs
        .iter()
        .rev()
        .find(|(_, install)| install.resolution.start_seq() <= first)
        .map(|(&view, _)| view);
    if let Some(view) = newest {
        state.installs = state.installs.split_off(&view);
    }
    state.proposals.retain(|(seq, _), _| *seq > floor);
    if !state.changing() {
        state.prune();
    }
}
