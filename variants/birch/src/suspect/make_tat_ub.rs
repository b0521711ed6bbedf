//! `suspect.make_tat_ub`: C1 to C4.

use prime::suspect::{Effects, State, alpha};
use wire::prime::TatUb;
use wire::{Config, To};

/// Announces the own bound if it fell.
pub fn make_tat_ub(state: &mut State, config: &Config, effects: &mut Effects) {
    let bound = alpha(config, &state.tats_if_leader);
    if bound < state.announced {
        state.announced = bound;
        effects.send(To::All, TatUb { view: state.view, alpha: bound });
    }
}
