//! What is done once every period.

use crate::suspect::{Effects, State, make_ping, make_tat_measure, say_again};
use slots::slot;
use wire::monitoring::Monitoring;
use wire::{Config, Time};

/// Does what is periodic, if it is due.
///
/// Nothing happens if `state.tick_at` is `None` or after `now`. Otherwise it becomes
/// `now + rules.period`, and then, in this order: [`make_ping`], [`make_tat_measure`], [`say_again`].
///
/// Paper: 4.2, Figure 4, B1, C1, D1. Deviation: one period for all.
///
/// Invariant: at most once in `rules.period`; while it is not due nothing changes and nothing is
/// said.
#[slot(suspect.tick)]
pub fn tick(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    effects: &mut Effects,
) {
    if state.tick_at.is_none_or(|at| now < at) {
        return;
    }
    state.tick_at = Some(now.after(rules.period));
    make_ping(state, now, effects);
    make_tat_measure(state, config, rules, now, effects);
    say_again(state, config, effects);
}
