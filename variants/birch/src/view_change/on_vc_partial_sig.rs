//! `view_change.on_vc_partial_sig`: one signature of each server on each list.

use prime::view_change::{Effects, State};
use wire::config::Proofs;
use wire::prime::VcPartialSig;
use wire::{Config, Reject, Verified};

/// Whether a signature has a share where the cluster has them, and none elsewhere.
fn of_kind(config: &Config, partial: &VcPartialSig) -> bool {
    partial.share.is_some() == (config.proofs == Proofs::Threshold)
}

/// Whether the signature is the first of its signer for its list, and one more may be held.
fn judge(state: &State, config: &Config, message: &Verified<VcPartialSig>) -> Result<(), Reject> {
    let constraint = &message.body().constraint;
    state.outside(constraint.view).map_or(Ok(()), Err)?;
    let of_signer = state
        .rounds
        .get(&constraint.view)
        .and_then(|round| round.partials.get(&message.signer()));
    let held = of_signer.and_then(|partials| partials.get(&constraint.ids));
    match held.map(|partial| partial.body().constraint == *constraint) {
        _ if !of_kind(config, message.body()) => Err(Reject::Invalid),
        Some(true) => Err(Reject::Duplicate),
        Some(false) => Err(Reject::Equivocation),
        None if of_signer.is_some_and(|held| held.len() >= config.size()) => Err(Reject::Full),
        None => Ok(()),
    }
}

/// Keeps a partial signature.
pub fn on_vc_partial_sig(
    state: &mut State,
    config: &Config,
    message: &Verified<VcPartialSig>,
    effects: &mut Effects,
) {
    match judge(state, config, message) {
        Err(reason) => effects.reject(message.signer(), reason),
        Ok(()) => {
            let constraint = &message.body().constraint;
            let round = state.rounds.entry(constraint.view).or_default();
            let of_signer = round.partials.entry(message.signer()).or_default();
            of_signer.insert(constraint.ids.clone(), message.clone());
        }
    }
}
