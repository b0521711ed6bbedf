//! A proof arrives.

use crate::view_change::{Effects, State, proven};
use slots::slot;
use wire::prime::VcProof;
use wire::{Config, Reject, Verified};

/// Keeps the first proof of a view.
///
/// Rejects (naming the signer, nothing changed, no round made), in this precedence:
/// Rejects: what `state.outside` says of its view, if anything;
/// Rejects: `Duplicate` if the round has a `proof` (any proof serves);
/// Rejects: `Invalid` unless its constraint is proven ([`proven`]).
///
/// Otherwise it becomes the round's `proof`. What follows is [`make_vc_proof`](super::make_vc_proof)'s.
///
/// Paper: 5.3, "Proof Generation Phase". Deviation: none.
///
/// Invariant: the proof that a round holds is never replaced; nothing but rejects is emitted.
#[slot(view_change.on_vc_proof)]
pub fn on_vc_proof(
    state: &mut State,
    config: &Config,
    message: &Verified<VcProof>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    let VcProof { constraint, proof } = message.body();
    if let Some(reason) = state.outside(constraint.view) {
        return effects.reject(sender, reason);
    }
    let held = state.rounds.get(&constraint.view).is_some_and(|round| round.proof.is_some());
    if held {
        return effects.reject(sender, Reject::Duplicate);
    }
    if !proven(config, constraint, proof) {
        return effects.reject(sender, Reject::Invalid);
    }
    state.rounds.entry(constraint.view).or_default().proof = Some(message.body().clone());
}
