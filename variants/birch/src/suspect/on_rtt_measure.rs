//! `suspect.on_rtt_measure`: B9 to B12.

use prime::suspect::{Effects, State, make_tat_ub, take, tat_if_leader};
use wire::monitoring::Monitoring;
use wire::prime::RttMeasure;
use wire::{Config, Reject, Time, Verified};

/// Whether the message is for this server, in this view.
fn admissible(state: &State, message: &Verified<RttMeasure>) -> Result<(), Reject> {
    if message.body().view != state.view {
        Err(Reject::WrongView)
    } else if message.body().to != state.me || message.signer() == state.me {
        Err(Reject::NotEntitled)
    } else {
        Ok(())
    }
}

/// Takes how far away another server finds this one.
pub fn on_rtt_measure(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<RttMeasure>,
    effects: &mut Effects,
) {
    let from = message.signer();
    let taken = admissible(state, message)
        .and_then(|()| take(state, config, rules, now, from).then_some(()).ok_or(Reject::Full));
    if let Err(reason) = taken {
        effects.reject(from, reason);
        return;
    }
    let tat = tat_if_leader(rules, message.body().rtt);
    let lower = usize::from(from.0)
        .checked_sub(1)
        .and_then(|place| state.tats_if_leader.get_mut(place))
        .filter(|known| tat < **known);
    if let Some(known) = lower {
        *known = tat;
        make_tat_ub(state, config, effects);
    }
}
