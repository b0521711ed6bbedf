//! Somebody signed a constraint.

use prime::view_change::{Effects, State};
use wire::prime::VcPartialSig;
use wire::{Config, Proofs, Reject, Verified};

/// Keeps the first partial signature of its signer for each list.
pub fn on_vc_partial_sig(
    state: &mut State,
    config: &Config,
    message: &Verified<VcPartialSig>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let constraint = &message.body().constraint;
    let view = constraint.view;
    if let Some(reason) = state.outside(view) {
        effects.reject(signer, reason);
        return;
    }
    let shares = match config.proofs {
        Proofs::Certificate => false,
        Proofs::Threshold => true,
    };
    if message.body().share.is_some() != shares {
        effects.reject(signer, Reject::Invalid);
        return;
    }
    if let Some(round) = state.rounds.get(&view) {
        if let Some(of_signer) = round.partials.get(&signer) {
            if let Some(held) = of_signer.get(&constraint.ids) {
                let reason = if held.body().constraint == *constraint {
                    Reject::Duplicate
                } else {
                    Reject::Equivocation
                };
                effects.reject(signer, reason);
                return;
            }
            if of_signer.len() >= config.size() {
                effects.reject(signer, Reject::Full);
                return;
            }
        }
    }

    let round = state.rounds.entry(view).or_default();
    let of_signer = round.partials.entry(signer).or_default();
    of_signer.insert(constraint.ids.clone(), message.clone());
}
