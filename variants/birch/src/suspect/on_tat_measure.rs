//! `suspect.on_tat_measure`: D4 to D6.

use prime::suspect::{Effects, Reported, State, evaluate, take};
use wire::monitoring::Monitoring;
use wire::prime::TatMeasure;
use wire::{Config, Reject, Time, Verified};

/// Takes what another, or this server itself, reports of the leader.
pub fn on_tat_measure(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<TatMeasure>,
    effects: &mut Effects,
) {
    let (from, tat) = (message.signer(), message.body().tat);
    let taken = Some(message.body().view)
        .filter(|&view| view == state.view)
        .ok_or(Reject::WrongView)
        .and_then(|_| take(state, config, rules, now, from).then_some(()).ok_or(Reject::Full));
    if let Err(reason) = taken {
        effects.reject(from, reason);
        return;
    }
    let known = usize::from(from.0)
        .checked_sub(1)
        .and_then(|place| state.reported.get_mut(place))
        .filter(|known| tat >= known.at(rules, now));
    if let Some(known) = known {
        *known = Reported { tat, heard: now };
        evaluate(state, config, rules, now, effects);
    }
}
