//! Announces the own upper bound.

use prime::suspect::{Effects, State, alpha};
use wire::prime::TatUb;
use wire::{Config, To};

/// Announces alpha if it fell.
pub fn make_tat_ub(state: &mut State, config: &Config, effects: &mut Effects) {
    let alpha = alpha(config, &state.tats_if_leader);
    let fall = state.announced.saturating_sub(alpha);
    if fall > 0 {
        state.announced = alpha;
        effects.send(To::All, TatUb { view: state.view, alpha });
    }
}
