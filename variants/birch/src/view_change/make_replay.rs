//! `view_change.make_replay`: the leader chooses.

use prime::view_change::{Effects, Round, State};
use wire::prime::Replay;
use wire::{Config, To};

/// What the leader says, if it said nothing yet.
fn choice(round: &Round) -> Option<Replay> {
    round
        .proof
        .as_ref()
        .filter(|_| round.promised.is_none() && round.replay.is_none())
        .map(|held| Replay { constraint: held.constraint.clone(), proof: held.proof.clone() })
}

/// Sends the Replay of the preinstalled view.
pub fn make_replay(state: &mut State, config: &Config, effects: &mut Effects) {
    let view = state.preinstalled;
    let leads = config.leader_of(view) == state.me;
    let Some(replay) = state.round().filter(|_| leads).and_then(choice) else {
        return;
    };
    if let Some(round) = state.rounds.get_mut(&view) {
        round.promised = Some(replay.clone());
    }
    effects.promise(To::All, replay);
}
