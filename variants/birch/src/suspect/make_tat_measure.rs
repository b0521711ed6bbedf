//! `suspect.make_tat_measure`: D1 to D3.

use prime::suspect::{Effects, State, measured};
use wire::monitoring::Monitoring;
use wire::prime::TatMeasure;
use wire::{Config, Time, To};

/// Reports what the leader gave this server.
pub fn make_tat_measure(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    effects: &mut Effects,
) {
    let reported = Some(state.me)
        .filter(|&me| me != config.leader_of(state.view))
        .map(|_| measured(rules, &state.samples, &state.open, now))
        .filter(|&tat| tat > 0);
    if let Some(tat) = reported {
        effects.send(To::All, TatMeasure { view: state.view, tat });
    }
}
