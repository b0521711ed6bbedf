//! The leader is asked to replay.

use crate::suspect::{Awaited, MAX_OPEN, Measurement, State};
use slots::slot;
use wire::monitoring::Monitoring;
use wire::prime::VcProof;
use wire::{Config, Time};

/// Begins to measure how long the leader takes to send a Replay, because this server built or received
/// `proof`, which is valid, and sends it to the leader now.
///
/// Nothing happens if the proof is of another view than the preinstalled one, if this server leads
/// that, or if `state.replay_asked` is true. Otherwise that is set, a measurement since `now` is added
/// at the end of `state.open` (unless [`MAX_OPEN`] are open), and `watch_at`, if it is `None`, becomes
/// `now + rules.stall_min`, if there is such. Emits nothing.
///
/// Paper: 5.3, "Proof Generation Phase". Deviation: a proof that was received counts as well as one's
/// own.
///
/// Invariant: at most one measurement of a Replay is begun in a view; at most `MAX_OPEN` are open.
#[slot(suspect.on_vc_proof)]
pub fn on_vc_proof(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    proof: &VcProof,
) {
    let leads = config.leader_of(state.view) == state.me;
    if proof.constraint.view != state.view || leads || state.replay_asked {
        return;
    }
    state.replay_asked = true;
    if state.open.len() < MAX_OPEN {
        let awaited = Awaited::Replay(Box::new(proof.clone()));
        state.open.push(Measurement { since: now, awaited });
        state.watch_at = state.watch_at.or_else(|| rules.stall_min.map(|least| now.after(least)));
    }
}
