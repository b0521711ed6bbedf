//! A server says how slow it could be found if it led.

use prime::suspect::{Effects, State};
use wire::prime::TatUb;
use wire::{Config, To};

/// Announces the own upper bound, if it is lower than what was announced.
pub fn make_tat_ub(state: &mut State, config: &Config, effects: &mut Effects) {
    let alpha = prime::suspect::alpha(config, &state.tats_if_leader);
    if alpha >= state.announced {
        return;
    }

    state.announced = alpha;
    effects.send(To::All, TatUb { view: state.view, alpha });
}
