//! Does what is periodic.

use prime::suspect::{Effects, State, make_ping, make_tat_measure, say_again};
use wire::monitoring::Monitoring;
use wire::{Config, Time};

/// Pings, reports and says again, once a period.
pub fn tick(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    effects: &mut Effects,
) {
    if state.tick_at.is_none_or(|due| now < due) {
        return;
    }
    state.tick_at = Some(Time(now.0.saturating_add(rules.period)));
    make_ping(state, now, effects);
    make_tat_measure(state, config, rules, now, effects);
    say_again(state, config, effects);
}
