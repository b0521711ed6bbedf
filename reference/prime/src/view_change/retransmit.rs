//! What may have been lost in a view change is said again.

use crate::view_change::{Effects, State};
use slots::slot;
use wire::prime::{ReplayCommit, ReplayPrepare, VcList, VcPartialSig};
use wire::{Config, Effect, Time, To};

/// Says again what this server said in the change under way, once every `timing.retransmit`.
///
/// Nothing happens while `now < state.retransmit_at` or no change is under way; otherwise that
/// becomes `now + timing.retransmit`, and, in this order, all to `To::Others`:
/// - while no `proof` is held: the own list, if it was announced, and each own partial signature
///   (without a share), ascending by list;
/// - while no `replay` is held: the `proof`, if held;
/// - the `replay`, if held, as `Relay`; the own Replay-Prepare (for what was `prepared`) unless this
///   server leads the view; the own Replay-Commit, if promised.
///
/// A server behind these phases gets the later ones instead: a proof makes signatures needless, a
/// Replay the proof. Who lacks the lists of others behind a Replay has no need of them. But
/// broadcasts are said again to the end: everybody needs the states.
///
/// Invariant: says nothing that was not said before.
/// Paper: none; the report assumes channels that do not lose. Deviation: none.
#[slot(view_change.retransmit)]
pub fn retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    let view = state.preinstalled;
    if now < state.retransmit_at || !state.changing() {
        return;
    }
    state.retransmit_at = now.after(config.timing.retransmit);
    let Some(round) = state.round() else { return };
    let leads = config.leader_of(view) == state.me;
    if round.proof.is_none() {
        if let Some(ids) = round.listed.clone() {
            effects.send(To::Others, VcList { view, ids });
        }
        for constraint in round.signed.values().cloned() {
            effects.send(To::Others, VcPartialSig { constraint, share: None });
        }
    }
    let Some(replay) = &round.replay else {
        if let Some(proof) = round.proof.clone() {
            effects.send(To::Others, proof);
        }
        return;
    };
    effects.push(Effect::Relay { to: To::Others, message: replay.clone().into() });
    if let Some(digest) = round.prepared.filter(|_| !leads) {
        effects.send(To::Others, ReplayPrepare { view, digest });
    }
    if let Some(digest) = round.committed {
        effects.send(To::Others, ReplayCommit { view, digest });
    }
}
