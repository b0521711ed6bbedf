//! `view_change.on_proposal_request`: passes a Pre-Prepare on.

use prime::view_change::{Effects, State};
use wire::prime::{Bound, Incoming, PrePrepare, ProposalRequest};
use wire::{Config, Effect, Reject, Time, To, Verified};

/// Whether `proposal` is what `bound` names.
fn is(proposal: &Verified<PrePrepare>, bound: &Bound) -> bool {
    proposal.body().view == bound.view && proposal.digest() == bound.digest
}

/// Answers a request.
pub fn on_proposal_request(
    state: &mut State,
    config: &Config,
    now: Time,
    message: &Verified<ProposalRequest>,
    elsewhere: Option<&Verified<PrePrepare>>,
    effects: &mut Effects,
) {
    let (peer, wanted) = (message.signer(), message.body());
    let answer = state
        .proposals
        .get(&(wanted.seq, wanted.bound))
        .or_else(|| elsewhere.filter(|proposal| is(proposal, &wanted.bound)))
        .filter(|_| peer != state.me)
        .cloned();
    let Some(proposal) = answer else {
        return;
    };
    if state.may_answer(config, now, peer) {
        let message = Incoming::PrePrepare(proposal);
        effects.push(Effect::Relay { to: To::One(peer), message });
    } else {
        effects.reject(peer, Reject::Full);
    }
}
