//! `suspect.on_vc_proof`: the leader owes a Replay.

use prime::suspect::{Awaited, MAX_OPEN, Measurement, State};
use wire::monitoring::Monitoring;
use wire::prime::VcProof;
use wire::{Config, Time};

/// Begins to measure, once a view, unless this server leads it or a Replay came already.
pub fn on_vc_proof(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    proof: &VcProof,
) {
    let owed = proof.constraint.view == state.view
        && state.me != config.leader_of(state.view)
        && !state.replay_asked;
    if owed {
        state.replay_asked = true;
        let room = state.open.len() < MAX_OPEN;
        state.open.extend(room.then(|| Measurement {
            since: now,
            awaited: Awaited::Replay(Box::new(proof.clone())),
        }));
        state.watch_at = state.watch_at.or(rules.stall_min.map(|least| now.after(least)));
    }
}
