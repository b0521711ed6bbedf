//! Drops what a stable checkpoint covers.

use prime::view_change::State;
use wire::Seq;

/// Drops what is kept only for numbers at or below `floor`.
pub fn retire(state: &mut State, floor: Seq) {
    let next = Seq(floor.0.saturating_add(1));
    let oldest = state
        .installs
        .iter()
        .rev()
        .find(|(_, install)| install.resolution.start_seq() <= next)
        .map(|(view, _)| *view);
    if let Some(oldest) = oldest {
        state.installs = state.installs.split_off(&oldest);
    }
    state.proposals.retain(|(seq, _), _| *seq > floor);
    if !state.changing() {
        state.prune();
    }
}
