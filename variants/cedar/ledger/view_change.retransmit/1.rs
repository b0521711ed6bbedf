//! Says again what was said in a change.

use prime::view_change::{Effects, Round, State};
use wire::prime::{Body, ReplayCommit, ReplayPrepare, VcList, VcPartialSig};
use wire::{Config, Time, To, View};

/// Says it again, once every `timing.retransmit`.
pub fn retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    if !state.changing() || now < state.retransmit_at {
        return;
    }
    state.retransmit_at = Time(now.0.saturating_add(config.timing.retransmit));
    let view = state.preinstalled;
    let leads = config.leader_of(view) == state.me;
    for body in state.round().map(|round| words(round, view, leads)).unwrap_or_default() {
        effects.send(To::Others, body);
    }
}

/// What was said, in order.
fn words(round: &Round, view: View, leads: bool) -> Vec<Body> {
    let list = round.listed.clone().map(|ids| Body::VcList(VcList { view, ids }));
    let partials = round.signed.values().map(|constraint| {
        Body::VcPartialSig(VcPartialSig { constraint: constraint.clone(), share: None })
    });
    let proof = round.proof.clone().filter(|_| round.proof_sent).map(Body::VcProof);
    let replay = round.promised.clone().map(Body::Replay);
    let prepare = round
        .prepared
        .filter(|_| !leads)
        .map(|digest| Body::ReplayPrepare(ReplayPrepare { view, digest }));
    let commit =
        round.committed.map(|digest| Body::ReplayCommit(ReplayCommit { view, digest }));
    list.into_iter()
        .chain(partials)
        .chain([proof, replay, prepare, commit].into_iter().flatten())
        .collect()
}
