//! Somebody says how slow it could be found if it led.

use prime::suspect::{Effects, State};
use wire::prime::TatUb;
use wire::{Config, Monitoring, Reject, Time, Verified};

/// Takes a TAT-UB.
pub fn on_tat_ub(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<TatUb>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let body = message.body();
    if body.view != state.view {
        effects.reject(signer, Reject::WrongView);
        return;
    }
    if !prime::suspect::take(state, config, rules, now, signer) {
        effects.reject(signer, Reject::Full);
        return;
    }
    let row = usize::from(signer.0).wrapping_sub(1);
    let Some(bound) = state.bounds.get_mut(row) else {
        return;
    };
    if body.alpha >= *bound {
        return;
    }

    *bound = body.alpha;
    prime::suspect::evaluate(state, config, rules, now, effects);
}
