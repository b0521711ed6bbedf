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
    let against = [state.replay_asked, config.leader_of(state.view) == state.me];
    if against.contains(&true) {
        return;
    }
    state.replay_asked = true;
    if state.open.len() < MAX_OPEN {
        state.open.push(Measurement { since: now, awaited: Awaited::Replay(Box::new(proof.clone())) });
        if let (None, Some(least)) = (state.watch_at, rules.stall_min) {
            state.watch_at = Some(Time(now.0.saturating_add(least)));
        }
    }
}
