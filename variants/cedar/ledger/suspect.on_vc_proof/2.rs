//! Begins to measure how long the leader takes to send a Replay.

use prime::suspect::{Awaited, MAX_OPEN, Measurement, State};
use wire::monitoring::Monitoring;
use wire::prime::VcProof;
use wire::{Config, Time};

/// Begins the view's one measurement of a Replay.
pub fn on_vc_proof(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    proof: &VcProof,
) {
    let against = [
        proof.constraint.view != state.view,
        config.leader_of(state.view) == state.me,
        state.replay_asked,
    ];
    if against.contains(&true) {
        return;
    }
    state.replay_asked = true;
    if state.open.len() < MAX_OPEN {
        let awaited = Awaited::Replay(Box::new(proof.clone()));
        state.open.push(Measurement { since: now, awaited });
    }
    let watch_at = rules.stall_min.map(|least| Time(now.0.saturating_add(least)));
    state.watch_at = state.watch_at.or(watch_at);
}
