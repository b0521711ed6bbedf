//! Somebody proves that the leader proposed two things under one number.

use crate::order::{Effects, State};
use slots::slot;
use wire::prime::PrePrepareConflict;
use wire::{Config, Effect, Reject, To, Verified, auth::Context};

/// Takes a proof that a leader signed two different Pre-Prepares for one (view, number).
///
/// Rejects (naming the proof's sender, nothing changed), in this precedence:
/// Rejects: `Invalid` unless both are of one signer, of one view and number, with different
/// digests, and the signer is that view's leader;
/// Rejects: `WrongView` if the view is not the installed one;
/// Rejects: `Duplicate` if `state.leader_proof` is held already.
///
/// Otherwise it becomes `state.leader_proof`, and unless `state.leader_accused` is set already (this
/// server found it itself, or passed one on), that is set and the proof is passed on as it is:
/// `Relay` to `To::Others`.
///
/// A proof about the preinstalled view that comes before that is installed is dropped, and nobody says
/// it again. It is found anew: whoever has installed the view floods the Pre-Prepare that it accepted,
/// and says it again while its number is not ordered, so a server that holds the other one meets both.
///
/// Invariant: a correct leader is never proven faulty.
/// Paper: 5.3, last paragraph, for Replay messages. Deviation: applied to Pre-Prepares; the vote for
/// a new leader that must follow belongs to leader monitoring.
#[slot(order.on_pre_prepare_conflict)]
pub fn on_pre_prepare_conflict(
    state: &mut State,
    config: &Config,
    message: &Verified<PrePrepareConflict>,
    effects: &mut Effects,
) {
    let (first, second) = message.pair(&Context::from(config));
    let (view, seq) = (first.body().view, first.body().seq);
    let proves = first.signer() == second.signer()
        && (view, seq) == (second.body().view, second.body().seq)
        && first.digest() != second.digest()
        && first.signer() == config.leader_of(view);
    if !proves {
        return effects.reject(message.signer(), Reject::Invalid);
    }
    if view != state.view {
        return effects.reject(message.signer(), Reject::WrongView);
    }
    if state.leader_proof.is_some() {
        return effects.reject(message.signer(), Reject::Duplicate);
    }
    state.leader_proof = Some(message.clone());
    if !state.leader_accused {
        state.leader_accused = true;
        effects.push(Effect::Relay { to: To::Others, message: message.clone().into() });
    }
}
