//! Proof of an originator's double dealing.

use prime::pre_order::{Effects, State};
use wire::prime::PoRequestConflict;
use wire::{Config, Reject, Verified, auth::Context};

/// Compares what the two requests are bound by; only the fact is kept.
pub fn on_po_request_conflict(
    state: &mut State,
    config: &Config,
    message: &Verified<PoRequestConflict>,
    effects: &mut Effects,
) {
    let (one, other) = message.pair(&Context::from(config));
    let same_place = (one.signer(), one.body().seq) == (other.signer(), other.body().seq);
    let outcome = match same_place && one != other {
        false => Some(Reject::Invalid),
        true if state.equivocators.insert(one.signer()) => None,
        true => (message.signer() != state.me).then_some(Reject::Duplicate),
    };
    if let Some(reason) = outcome {
        effects.reject(message.signer(), reason);
    }
}
