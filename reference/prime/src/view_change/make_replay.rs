//! The leader chooses.

use crate::view_change::{Effects, State};
use slots::slot;
use wire::prime::{Replay, VcProof};
use wire::{Config, To};

/// Sends the Replay of the preinstalled view, if this server leads it and a proof is held.
///
/// Nothing happens unless a change is under way, this server is the leader of the preinstalled
/// view, a `proof` is held, and nothing was `promised`. Then `promised` becomes the Replay with the
/// proof's constraint and what proves it, and it is promised to all (`Persist` as `Promise`, then `Send`
/// to `To::All`). The leader does not wait for the
/// states that it chooses.
///
/// Invariant: at most one Replay a view, also across restarts.
/// Paper: 5.3, "Replay Phase". Deviation: none.
#[slot(view_change.make_replay)]
pub fn make_replay(state: &mut State, config: &Config, effects: &mut Effects) {
    let view = state.preinstalled;
    let Some(round) = state.round().filter(|round| round.promised.is_none()) else { return };
    let Some(proof) = &round.proof else { return };
    if config.leader_of(view) != state.me {
        return;
    }
    let VcProof { constraint, proof } = proof.clone();
    let replay = Replay { constraint, proof };
    state.rounds.entry(view).or_default().promised = Some(replay.clone());
    effects.promise(To::All, replay);
}
