//! A server reports how slow it finds the leader.

use crate::suspect::{Effects, State, measured};
use slots::slot;
use wire::monitoring::Monitoring;
use wire::prime::TatMeasure;
use wire::{Config, Time, To};

/// Reports what is [`measured`] at `now`, unless that is 0 or this server leads the preinstalled view:
/// emits the TAT-Measure (view, value) as `Send` to `To::All`.
///
/// Paper: 4.2, Figure 4, D1 to D3. Deviation: 0 is what everybody counts for one who says nothing.
///
/// Invariant: changes nothing of the state and says at most one thing; a leader says nothing of
/// itself.
#[slot(suspect.make_tat_measure)]
pub fn make_tat_measure(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    effects: &mut Effects,
) {
    let tat = measured(rules, &state.samples, &state.open, now);
    if tat > 0 && config.leader_of(state.view) != state.me {
        effects.send(To::All, TatMeasure { view: state.view, tat });
    }
}
