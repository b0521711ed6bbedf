//! Somebody says how far away it found this server.

use prime::suspect::{Effects, State};
use wire::prime::RttMeasure;
use wire::{Config, Monitoring, Reject, Time, Verified};

/// Takes an RTT-Measure.
pub fn on_rtt_measure(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<RttMeasure>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let body = message.body();
    if body.view != state.view {
        effects.reject(signer, Reject::WrongView);
        return;
    }
    if body.to != state.me || signer == state.me {
        effects.reject(signer, Reject::NotEntitled);
        return;
    }
    if !prime::suspect::take(state, config, rules, now, signer) {
        effects.reject(signer, Reject::Full);
        return;
    }
    let tat = prime::suspect::tat_if_leader(rules, body.rtt);
    let row = usize::from(signer.0).wrapping_sub(1);
    let Some(entry) = state.tats_if_leader.get_mut(row) else {
        return;
    };
    if tat >= *entry {
        return;
    }

    *entry = tat;
    prime::suspect::make_tat_ub(state, config, effects);
}
