//! `view_change.retransmit`: what this server said in the change under way, again.

use prime::view_change::{Effects, Round, State};
use wire::prime::{
    Body, Incoming, Prime, ReplayCommit, ReplayPrepare, VcList, VcPartialSig,
};
use wire::{Config, Effect, Time, To, View};

/// To all others.
fn send(body: impl Into<Body>) -> Effect<Prime> {
    Effect::Send { to: To::Others, body: body.into() }
}

/// While no proof is held: list and signatures.
fn dissemination(round: &Round, view: View) -> impl Iterator<Item = Effect<Prime>> + '_ {
    let list = round.listed.clone().map(|ids| send(VcList { view, ids }));
    let partials = round
        .signed
        .values()
        .map(|constraint| send(VcPartialSig { constraint: constraint.clone(), share: None }));
    list.into_iter().chain(partials).filter(|_| round.proof.is_none())
}

/// The proof, while no Replay is held; the Replay, and the votes.
fn replay(round: &Round, view: View, leads: bool) -> impl Iterator<Item = Effect<Prime>> {
    let proof = round.proof.clone().filter(|_| round.replay.is_none()).map(send);
    let replay = round
        .replay
        .clone()
        .map(|held| Effect::Relay { to: To::Others, message: Incoming::Replay(held) });
    let prepare =
        round.prepared.filter(|_| !leads).map(|digest| send(ReplayPrepare { view, digest }));
    let commit = round.committed.map(|digest| send(ReplayCommit { view, digest }));
    [proof, replay, prepare, commit].into_iter().flatten()
}

/// Says it again, when it is time.
pub fn retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    let view = state.preinstalled;
    let leads = config.leader_of(view) == state.me;
    let due = now >= state.retransmit_at;
    let Some(round) = state.round().filter(|_| due) else {
        return;
    };
    dissemination(round, view)
        .chain(replay(round, view, leads))
        .for_each(|effect| effects.push(effect));
    state.retransmit_at = now.after(config.timing.retransmit);
}
