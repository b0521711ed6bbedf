//! The leader chooses what its view begins with.

use prime::view_change::{Effects, State};
use wire::prime::Replay;
use wire::{Config, To};

/// Sends the Replay of the preinstalled view, if this server leads it and a proof is held.
pub fn make_replay(state: &mut State, config: &Config, effects: &mut Effects) {
    if !state.changing() || config.leader_of(state.preinstalled) != state.me {
        return;
    }
    let Some(round) = state.rounds.get_mut(&state.preinstalled) else {
        return;
    };
    if round.promised.is_some() {
        return;
    }
    let Some(proof) = &round.proof else {
        return;
    };

    let replay = Replay { constraint: proof.constraint.clone(), proof: proof.proof.clone() };
    round.promised = Some(replay.clone());
    effects.promise(To::All, replay);
}
