//! Takes a TAT-UB.

use prime::suspect::{Effects, State, evaluate, take};
use wire::monitoring::Monitoring;
use wire::prime::TatUb;
use wire::{Config, Reject, Time, Verified};

/// Lowers the signer's bound and judges the leader; neither if the bound is no lower.
pub fn on_tat_ub(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<TatUb>,
    effects: &mut Effects,
) {
    let (signer, body) = (message.signer(), message.body());
    let against = [(body.view != state.view, Reject::WrongView)]
        .into_iter()
        .find_map(|(holds, reason)| holds.then_some(reason))
        .or_else(|| (!take(state, config, rules, now, signer)).then_some(Reject::Full));
    if let Some(reason) = against {
        effects.reject(signer, reason);
        return;
    }
    let place = usize::from(signer.0).wrapping_sub(1);
    let lower = state.bounds.get_mut(place).filter(|bound| body.alpha < **bound);
    if let Some(bound) = lower {
        *bound = body.alpha;
        evaluate(state, config, rules, now, effects);
    }
}
