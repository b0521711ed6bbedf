//! Reports what was measured.

use prime::suspect::{Effects, State, measured};
use wire::monitoring::Monitoring;
use wire::prime::TatMeasure;
use wire::{Config, Time, To};

/// Says what is measured, if that is anything and of somebody else.
pub fn make_tat_measure(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    effects: &mut Effects,
) {
    let leads = config.leader_of(state.view) == state.me;
    let tat = if leads { 0 } else { measured(rules, &state.samples, &state.open, now) };
    match tat {
        0 => {}
        tat => effects.send(To::All, TatMeasure { view: state.view, tat }),
    }
}
