//! `suspect.tick`: B1, C1 and D1, in one period.

use prime::suspect::{Effects, State, make_ping, make_tat_measure, say_again};
use wire::monitoring::Monitoring;
use wire::{Config, Time};

/// Pings, reports and says the bound again, if it is time.
pub fn tick(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    effects: &mut Effects,
) {
    if state.tick_at.is_some_and(|due| due <= now) {
        state.tick_at = Some(now.after(rules.period));
        make_ping(state, now, effects);
        make_tat_measure(state, config, rules, now, effects);
        say_again(state, config, effects);
    }
}
