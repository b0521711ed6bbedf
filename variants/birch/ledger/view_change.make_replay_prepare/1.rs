//! `view_change.make_replay_prepare`: the first Replay is accepted.

use prime::view_change::{Effects, State};
use wire::prime::{Incoming, ReplayPrepare};
use wire::{Config, Record, To};

/// Logs the Replay held and, unless this server leads, votes for it.
pub fn make_replay_prepare(state: &mut State, config: &Config, effects: &mut Effects) {
    let view = state.preinstalled;
    let accepted = state
        .round()
        .filter(|round| round.prepared.is_none())
        .and_then(|round| round.replay.clone());
    let Some(replay) = accepted else {
        return;
    };
    let digest = replay.digest();
    if let Some(round) = state.rounds.get_mut(&view) {
        round.prepared = Some(digest);
    }
    effects.persist(Record::Held(Incoming::Replay(replay)));
    if config.leader_of(view) != state.me {
        effects.promise(To::All, ReplayPrepare { view, digest });
    }
}
