//! The Replay is accepted.

use crate::view_change::{Effects, State};
use slots::slot;
use wire::prime::ReplayPrepare;
use wire::{Config, Effect, Record, To};

/// Accepts the Replay of the preinstalled view, if one is held and none was accepted.
///
/// Nothing happens unless a change is under way, a `replay` is held, and nothing was `prepared`.
/// Then `prepared` becomes its digest and `Persist` of it as `Held` is emitted. Then, unless this
/// server leads the view: `Relay` of it to every server but the leader and this one, ascending, and
/// the Replay-Prepare for it as a promise to all.
///
/// Invariant: at most one Replay-Prepare a view, also across restarts.
/// Paper: 5.3, "Replay Phase". Deviation: none.
#[slot(view_change.make_replay_prepare)]
pub fn make_replay_prepare(state: &mut State, config: &Config, effects: &mut Effects) {
    let view = state.preinstalled;
    let Some(round) = state.round().filter(|round| round.prepared.is_none()) else { return };
    let Some(replay) = round.replay.clone() else { return };
    let digest = replay.digest();
    state.rounds.entry(view).or_default().prepared = Some(digest);
    effects.persist(Record::Held(replay.clone().into()));
    let leader = replay.signer();
    if leader == state.me {
        return;
    }
    for peer in config.replicas().filter(|peer| *peer != leader && *peer != state.me) {
        effects.push(Effect::Relay { to: To::One(peer), message: replay.clone().into() });
    }
    effects.promise(To::All, ReplayPrepare { view, digest });
}
