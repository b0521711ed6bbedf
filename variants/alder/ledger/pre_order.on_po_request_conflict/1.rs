//! Proof that an originator signed two requests under one number.

use prime::pre_order::{Effects, State};
use wire::auth::Context;
use wire::prime::PoRequestConflict;
use wire::{Config, Reject, Verified};

/// What is to become of the proof.
enum Fate {
    /// Dropped, and why.
    Drop(Reject),
    /// One's own, come back.
    Ignore,
    /// Believed.
    Convict,
}

/// Remembers the originator that the proof convicts; slots and their contents stay as they are.
pub fn on_po_request_conflict(
    state: &mut State,
    config: &Config,
    message: &Verified<PoRequestConflict>,
    effects: &mut Effects,
) {
    match decide(state, config, message) {
        Fate::Drop(reason) => effects.reject(message.signer(), reason),
        Fate::Ignore => {}
        Fate::Convict => {
            state.equivocators.insert(message.body().first.signer);
        }
    }
}

fn decide(state: &State, config: &Config, message: &Verified<PoRequestConflict>) -> Fate {
    let first = &message.body().first;
    let second = &message.body().second;
    let culprit = first.signer;
    if culprit != second.signer || first.body.seq != second.body.seq || !config.is_replica(culprit)
    {
        return Fate::Drop(Reject::Invalid);
    }
    let context = Context::from(config);
    if context.leaf(culprit, &first.body) == context.leaf(culprit, &second.body) {
        return Fate::Drop(Reject::Invalid);
    }
    if !state.equivocators.contains(&culprit) {
        Fate::Convict
    } else if message.signer() == state.me {
        Fate::Ignore
    } else {
        Fate::Drop(Reject::Duplicate)
    }
}
