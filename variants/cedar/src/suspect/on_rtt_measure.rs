//! Takes an RTT-Measure.

use prime::suspect::{Effects, State, make_tat_ub, take, tat_if_leader};
use wire::monitoring::Monitoring;
use wire::prime::RttMeasure;
use wire::{Config, Reject, Time, Verified};

/// Lowers what the signer would find if this server led; nothing follows if it is no lower.
pub fn on_rtt_measure(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<RttMeasure>,
    effects: &mut Effects,
) {
    let (signer, body) = (message.signer(), message.body());
    let guards = [
        (body.view != state.view, Reject::WrongView),
        (body.to != state.me || signer == state.me, Reject::NotEntitled),
    ];
    let against = guards
        .into_iter()
        .find_map(|(holds, reason)| holds.then_some(reason))
        .or_else(|| (!take(state, config, rules, now, signer)).then_some(Reject::Full));
    if let Some(reason) = against {
        effects.reject(signer, reason);
        return;
    }
    let found = tat_if_leader(rules, body.rtt);
    let place = usize::from(signer.0).wrapping_sub(1);
    let lower = state.tats_if_leader.get_mut(place).filter(|entry| found < **entry);
    if let Some(entry) = lower {
        *entry = found;
        make_tat_ub(state, config, effects);
    }
}
