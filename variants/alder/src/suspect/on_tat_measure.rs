//! Somebody says how slow it finds the leader.

use prime::suspect::{Effects, Reported, State};
use wire::prime::TatMeasure;
use wire::{Config, Monitoring, Reject, Time, Verified};

/// Takes a TAT-Measure.
pub fn on_tat_measure(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<TatMeasure>,
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
    let Some(entry) = state.reported.get_mut(row) else {
        return;
    };
    if body.tat < entry.at(rules, now) {
        return;
    }

    *entry = Reported { tat: body.tat, heard: now };
    prime::suspect::evaluate(state, config, rules, now, effects);
}
