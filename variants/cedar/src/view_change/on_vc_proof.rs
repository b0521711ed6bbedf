//! Takes a proof.

use prime::view_change::{Effects, State, proven};
use wire::prime::VcProof;
use wire::{Config, Reject, Verified};

/// Keeps the first proof of a view.
pub fn on_vc_proof(
    state: &mut State,
    config: &Config,
    message: &Verified<VcProof>,
    effects: &mut Effects,
) {
    let body = message.body();
    let view = body.constraint.view;
    let known = state.rounds.get(&view).is_some_and(|round| round.proof.is_some());
    let against = state.outside(view).or(known.then_some(Reject::Duplicate)).or_else(|| {
        (!proven(config, &body.constraint, &body.proof)).then_some(Reject::Invalid)
    });
    match against {
        Some(reason) => effects.reject(message.signer(), reason),
        None => state.rounds.entry(view).or_default().proof = Some(body.clone()),
    }
}
