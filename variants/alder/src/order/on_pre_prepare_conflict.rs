//! Somebody proves that a leader proposed two things under one number.

use prime::order::{Effects, State};
use wire::auth::Context;
use wire::prime::PrePrepareConflict;
use wire::{Config, Effect, Reject, To, Verified};

/// Whether the two contradict each other and a leader signed them.
fn proves(config: &Config, message: &Verified<PrePrepareConflict>) -> bool {
    let first = &message.body().first;
    let second = &message.body().second;
    if first.signer != second.signer
        || first.body.view != second.body.view
        || first.body.seq != second.body.seq
        || first.signer != config.leader_of(first.body.view)
    {
        return false;
    }
    let (first, second) = message.pair(&Context::from(config));
    first.digest() != second.digest()
}

/// Takes a proof that a leader signed two different Pre-Prepares for one view and number.
pub fn on_pre_prepare_conflict(
    state: &mut State,
    config: &Config,
    message: &Verified<PrePrepareConflict>,
    effects: &mut Effects,
) {
    let mut refused = None;
    if !proves(config, message) {
        refused = Some(Reject::Invalid);
    } else if message.body().first.body.view != state.view {
        refused = Some(Reject::WrongView);
    } else if state.leader_proof.is_some() {
        refused = Some(Reject::Duplicate);
    }
    if let Some(reason) = refused {
        effects.reject(message.signer(), reason);
        return;
    }

    state.leader_proof = Some(message.clone());
    if !state.leader_accused {
        state.leader_accused = true;
        effects.push(Effect::Relay { to: To::Others, message: message.clone().into() });
    }
}
