//! Somebody lacks a Pre-Prepare.

use prime::view_change::{Effects, State};
use wire::prime::{Incoming, PrePrepare, ProposalRequest};
use wire::{Config, Effect, Reject, Time, To, Verified};

/// Answers a ProposalRequest of its signer.
pub fn on_proposal_request(
    state: &mut State,
    config: &Config,
    now: Time,
    message: &Verified<ProposalRequest>,
    elsewhere: Option<&Verified<PrePrepare>>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    if signer == state.me {
        return;
    }
    let wanted = message.body();
    let mut answer: Option<Verified<PrePrepare>> = None;
    if let Some(held) = state.proposals.get(&(wanted.seq, wanted.bound)) {
        answer = Some(held.clone());
    } else if let Some(held) = elsewhere {
        if held.body().view == wanted.bound.view && held.digest() == wanted.bound.digest {
            answer = Some(held.clone());
        }
    }
    let Some(proposal) = answer else {
        return;
    };
    if !state.may_answer(config, now, signer) {
        effects.reject(signer, Reject::Full);
        return;
    }

    let message = Incoming::PrePrepare(proposal);
    effects.push(Effect::Relay { to: To::One(signer), message });
}
