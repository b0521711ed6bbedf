//! `suspect.on_tat_ub`: C5 to C7.

use prime::suspect::{Effects, State, evaluate, take};
use wire::monitoring::Monitoring;
use wire::prime::TatUb;
use wire::{Config, Reject, Time, Verified};

/// Takes an upper bound.
pub fn on_tat_ub(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<TatUb>,
    effects: &mut Effects,
) {
    let (from, bound) = (message.signer(), message.body().alpha);
    let taken = Some(message.body().view)
        .filter(|&view| view == state.view)
        .ok_or(Reject::WrongView)
        .and_then(|_| take(state, config, rules, now, from).then_some(()).ok_or(Reject::Full));
    if let Err(reason) = taken {
        effects.reject(from, reason);
        return;
    }
    let higher = usize::from(from.0)
        .checked_sub(1)
        .and_then(|place| state.bounds.get_mut(place))
        .filter(|known| bound < **known);
    if let Some(known) = higher {
        *known = bound;
        evaluate(state, config, rules, now, effects);
    }
}
