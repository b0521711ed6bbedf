//! Says again what was said in a change.

use prime::view_change::{Effects, Round, State};
use wire::prime::{Body, Prime, ReplayCommit, ReplayPrepare, VcList, VcPartialSig};
use wire::{Config, Effect, Time, To, View};

/// What is said again.
enum Word {
    Own(Body),
    Passed(Effect<Prime>),
}

/// Says it again, once every `timing.retransmit`.
pub fn retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    if !state.changing() || now < state.retransmit_at {
        return;
    }
    state.retransmit_at = Time(now.0.saturating_add(config.timing.retransmit));
    let view = state.preinstalled;
    let leads = config.leader_of(view) == state.me;
    for word in state.round().map(|round| words(round, view, leads)).unwrap_or_default() {
        match word {
            Word::Own(body) => effects.send(To::Others, body),
            Word::Passed(effect) => effects.push(effect),
        }
    }
}

/// What was said, in order, as far as no later phase makes it needless.
fn words(round: &Round, view: View, leads: bool) -> Vec<Word> {
    let unproven = round.proof.is_none();
    let list = round
        .listed
        .iter()
        .filter(|_| unproven)
        .map(|ids| Body::VcList(VcList { view, ids: ids.clone() }));
    let partials = round.signed.values().filter(|_| unproven).map(|constraint| {
        Body::VcPartialSig(VcPartialSig { constraint: constraint.clone(), share: None })
    });
    let proof = round.proof.iter().filter(|_| round.replay.is_none()).cloned().map(Body::VcProof);
    let replay = round
        .replay
        .clone()
        .map(|replay| Word::Passed(Effect::Relay { to: To::Others, message: replay.into() }));
    let prepare = round
        .prepared
        .filter(|_| !leads)
        .map(|digest| Body::ReplayPrepare(ReplayPrepare { view, digest }));
    let commit =
        round.committed.map(|digest| Body::ReplayCommit(ReplayCommit { view, digest }));
    list.chain(partials)
        .chain(proof)
        .map(Word::Own)
        .chain(replay)
        .chain(prepare.into_iter().chain(commit).map(Word::Own))
        .collect()
}
