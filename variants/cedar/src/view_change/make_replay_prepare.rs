//! Accepts the Replay.

use prime::view_change::{Effects, State};
use wire::prime::ReplayPrepare;
use wire::{Config, Record, To};

/// Accepts the Replay held, if none was accepted.
pub fn make_replay_prepare(state: &mut State, config: &Config, effects: &mut Effects) {
    if !state.changing() {
        return;
    }
    let me = state.me;
    let view = state.preinstalled;
    let leader = config.leader_of(view);
    let Some(round) = state.rounds.get_mut(&view).filter(|round| round.prepared.is_none()) else {
        return;
    };
    let Some(replay) = &round.replay else {
        return;
    };
    let digest = replay.digest();
    round.prepared = Some(digest);
    effects.persist(Record::Held(replay.clone().into()));
    if leader == me {
        return;
    }
    for server in config.replicas().filter(|server| *server != me && *server != leader) {
        effects.push(wire::Effect::Relay { to: To::One(server), message: replay.clone().into() });
    }
    effects.promise(To::All, ReplayPrepare { view, digest });
}
