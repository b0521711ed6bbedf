//! A partial signature arrives.

use crate::view_change::{Effects, State};
use slots::slot;
use wire::prime::VcPartialSig;
use wire::{Config, Proofs, Reject, Verified};

/// Keeps the first partial signature of its signer for each list.
///
/// Its share, if it has one, was verified with it: whoever signs a bad one is refused before.
///
/// Rejects (naming the signer, nothing changed, no round made), in this precedence:
/// Rejects: what `state.outside` says of its view, if anything;
/// Rejects: `Invalid` if it has a share and `config.proofs` is `Certificate`, or none and it is
/// `Threshold`;
/// Rejects: `Duplicate` if one of this signer for the same constraint is held;
/// Rejects: `Equivocation` if one of this signer for the same list with another content is held;
/// Rejects: `Full` if N of this signer are held in the round.
///
/// Otherwise it enters the round's `partials`. What follows is [`make_vc_proof`](super::make_vc_proof)'s.
///
/// Paper: 5.3, "Proof Generation Phase". Deviation: none.
///
/// Invariant: a round holds at most N partial signatures of a signer, one for each list, and none
/// is ever replaced; nothing but rejects is emitted.
#[slot(view_change.on_vc_partial_sig)]
pub fn on_vc_partial_sig(
    state: &mut State,
    config: &Config,
    message: &Verified<VcPartialSig>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    let VcPartialSig { constraint, share } = message.body();
    if let Some(reason) = state.outside(constraint.view) {
        return effects.reject(sender, reason);
    }
    if share.is_some() != (config.proofs == Proofs::Threshold) {
        return effects.reject(sender, Reject::Invalid);
    }
    let round = state.rounds.entry(constraint.view).or_default();
    let held = round.partials.entry(sender).or_default();
    match held.get(&constraint.ids) {
        Some(first) if first.body().constraint == *constraint => {
            effects.reject(sender, Reject::Duplicate);
        }
        Some(_) => effects.reject(sender, Reject::Equivocation),
        None if held.len() >= config.size() => effects.reject(sender, Reject::Full),
        None => {
            held.insert(constraint.ids.clone(), message.clone());
        }
    }
}
