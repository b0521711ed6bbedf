//! What is periodic.

use prime::suspect::{Effects, State};
use wire::{Config, Monitoring, Time};

/// Does what is periodic, if it is due.
pub fn tick(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    effects: &mut Effects,
) {
    let Some(due) = state.tick_at else {
        return;
    };
    if due > now {
        return;
    }

    state.tick_at = Some(Time(now.0.saturating_add(rules.period)));
    prime::suspect::make_ping(state, now, effects);
    prime::suspect::make_tat_measure(state, config, rules, now, effects);
    prime::suspect::say_again(state, config, effects);
}
