//! Takes a partial signature.

use prime::view_change::{Effects, State};
use wire::prime::VcPartialSig;
use wire::{Config, Proofs, Reject, Verified};

/// Keeps the first of its signer for each list.
pub fn on_vc_partial_sig(
    state: &mut State,
    config: &Config,
    message: &Verified<VcPartialSig>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    match against(state, config, message) {
        Some(reason) => effects.reject(signer, reason),
        None => {
            let constraint = &message.body().constraint;
            let round = state.rounds.entry(constraint.view).or_default();
            let held = round.partials.entry(signer).or_default();
            held.insert(constraint.ids.clone(), message.clone());
        }
    }
}

fn against(state: &State, config: &Config, message: &Verified<VcPartialSig>) -> Option<Reject> {
    let VcPartialSig { constraint, share } = message.body();
    let held =
        state.rounds.get(&constraint.view).and_then(|round| round.partials.get(&message.signer()));
    let same_list = held.and_then(|held| held.get(&constraint.ids));
    let same = same_list.is_some_and(|other| other.body().constraint == *constraint);
    let wanted = match config.proofs {
        Proofs::Certificate => false,
        Proofs::Threshold => true,
    };
    let guards = [
        (share.is_some() != wanted, Reject::Invalid),
        (same, Reject::Duplicate),
        (same_list.is_some(), Reject::Equivocation),
        (held.is_some_and(|held| held.len() >= config.size()), Reject::Full),
    ];
    state
        .outside(constraint.view)
        .or_else(|| guards.into_iter().find_map(|(holds, reason)| holds.then_some(reason)))
}
