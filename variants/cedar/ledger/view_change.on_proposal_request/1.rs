//! Hands out a Pre-Prepare.

use prime::view_change::{Effects, State};
use wire::prime::{Bound, PrePrepare, ProposalRequest};
use wire::{Config, Effect, Reject, Time, To, Verified};

/// Passes on the Pre-Prepare asked for, if it is here.
pub fn on_proposal_request(
    state: &mut State,
    config: &Config,
    now: Time,
    message: &Verified<ProposalRequest>,
    elsewhere: Option<&Verified<PrePrepare>>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let wanted = (message.body().seq, message.body().bound);
    let found = state
        .proposals
        .get(&wanted)
        .or_else(|| elsewhere.filter(|proposal| key(proposal) == wanted))
        .cloned();
    let Some(proposal) = found else {
        return;
    };
    if state.may_answer(config, now, signer) {
        effects.push(Effect::Relay { to: To::One(signer), message: proposal.into() });
    } else {
        effects.reject(signer, Reject::Full);
    }
}

fn key(proposal: &Verified<PrePrepare>) -> (wire::Seq, Bound) {
    let body = proposal.body();
    (body.seq, Bound { view: body.view, digest: proposal.digest() })
}
