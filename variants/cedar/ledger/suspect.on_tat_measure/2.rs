//! Takes a TAT-Measure.

use prime::suspect::{Effects, Reported, State, evaluate, take};
use wire::monitoring::Monitoring;
use wire::prime::TatMeasure;
use wire::{Config, Reject, Time, Verified};

/// Keeps what the signer reports and judges the leader, unless it said more that still counts.
pub fn on_tat_measure(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<TatMeasure>,
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
    if let Some(reported) = state.reported.get_mut(place) {
        if body.tat >= reported.at(rules, now) {
            *reported = Reported { tat: body.tat, heard: now };
            evaluate(state, config, rules, now, effects);
        }
    }
}
