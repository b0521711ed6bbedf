//! The leader is asked for a Replay.

use prime::suspect::{Awaited, MAX_OPEN, Measurement, State};
use wire::prime::VcProof;
use wire::{Config, Monitoring, Time};

/// Begins to measure how long the leader takes to send a Replay.
pub fn on_vc_proof(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    proof: &VcProof,
) {
    if proof.constraint.view != state.view {
        return;
    }
    if config.leader_of(state.view) == state.me {
        return;
    }
    if state.replay_asked {
        return;
    }

    state.replay_asked = true;
    if state.open.len() < MAX_OPEN {
        let awaited = Awaited::Replay(Box::new(proof.clone()));
        state.open.push(Measurement { since: now, awaited });
    }
    if state.watch_at.is_none() {
        if let Some(stall_min) = rules.stall_min {
            state.watch_at = Some(Time(now.0.saturating_add(stall_min)));
        }
    }
}
