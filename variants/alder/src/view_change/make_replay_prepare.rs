//! A Replay is accepted.

use prime::view_change::{Effects, State};
use wire::prime::{Incoming, ReplayPrepare};
use wire::{Config, Effect, Record, ReplicaId, To};

/// Accepts the Replay of the preinstalled view, if one is held and none was accepted.
pub fn make_replay_prepare(state: &mut State, config: &Config, effects: &mut Effects) {
    if !state.changing() {
        return;
    }
    let view = state.preinstalled;
    let Some(round) = state.rounds.get_mut(&view) else {
        return;
    };
    if round.prepared.is_some() {
        return;
    }
    let Some(replay) = &round.replay else {
        return;
    };
    let leader = config.leader_of(view);
    let digest = replay.digest();

    effects.persist(Record::Held(Incoming::Replay(replay.clone())));
    if leader != state.me {
        for number in 1..=config.n {
            let id = ReplicaId(number);
            if id != leader && id != state.me {
                let message = Incoming::Replay(replay.clone());
                effects.push(Effect::Relay { to: To::One(id), message });
            }
        }
        effects.promise(To::All, ReplayPrepare { view, digest });
    }
    round.prepared = Some(digest);
}
