//! A server says how slow it finds the leader.

use prime::suspect::{Effects, State};
use wire::prime::TatMeasure;
use wire::{Config, Monitoring, Time, To};

/// Reports what is measured at `now`, unless it is nothing or this server leads.
pub fn make_tat_measure(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    effects: &mut Effects,
) {
    if config.leader_of(state.view) == state.me {
        return;
    }
    let tat = prime::suspect::measured(rules, &state.samples, &state.open, now);
    if tat == 0 {
        return;
    }

    effects.send(To::All, TatMeasure { view: state.view, tat });
}
