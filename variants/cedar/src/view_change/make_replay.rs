//! The leader's choice.

use prime::view_change::{Effects, State};
use wire::prime::Replay;
use wire::{Config, To};

/// Sends the Replay of the preinstalled view, once.
pub fn make_replay(state: &mut State, config: &Config, effects: &mut Effects) {
    let view = state.preinstalled;
    let leads = config.leader_of(view) == state.me;
    if !leads || !state.changing() {
        return;
    }
    let Some(round) = state.rounds.get_mut(&view).filter(|round| round.promised.is_none()) else {
        return;
    };
    let Some(proof) = &round.proof else {
        return;
    };
    let replay = Replay { constraint: proof.constraint.clone(), proof: proof.proof.clone() };
    effects.promise(To::All, replay.clone());
    round.promised = Some(replay);
}
