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
    let sources = [state.proposals.get(&wanted), elsewhere.filter(|other| names(other) == wanted.1)];
    let found = sources.into_iter().flatten().next().filter(|_| signer != state.me).cloned();
    let Some(proposal) = found else {
        return;
    };
    if state.may_answer(config, now, signer) {
        effects.push(Effect::Relay { to: To::One(signer), message: proposal.into() });
    } else {
        effects.reject(signer, Reject::Full);
    }
}

/// What a number is bound to by the Pre-Prepare.
fn names(proposal: &Verified<PrePrepare>) -> Bound {
    Bound { view: proposal.body().view, digest: proposal.digest() }
}
