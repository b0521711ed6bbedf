//! `view_change.make_replay_prepare`: the first Replay is accepted.

use prime::view_change::{Effects, State};
use wire::prime::{Incoming, ReplayPrepare};
use wire::{Config, Effect, Record, To};

/// Logs the Replay held and, unless this server leads, floods it and votes for it.
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
    effects.persist(Record::Held(Incoming::Replay(replay.clone())));
    let leader = config.leader_of(view);
    if leader != state.me {
        config.replicas().filter(|other| ![leader, state.me].contains(other)).for_each(|other| {
            let message = Incoming::Replay(replay.clone());
            effects.push(Effect::Relay { to: To::One(other), message });
        });
        effects.promise(To::All, ReplayPrepare { view, digest });
    }
}
