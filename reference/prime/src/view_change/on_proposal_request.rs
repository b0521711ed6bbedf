//! Somebody lacks a Pre-Prepare that a resolution names.

use crate::view_change::{Effects, State};
use slots::slot;
use wire::prime::{PrePrepare, ProposalRequest};
use wire::{Config, Effect, Reject, Time, To, Verified};

/// Answers a ProposalRequest of its signer.
///
/// `elsewhere` is a Pre-Prepare of the number asked for that other components hold, if they do. The
/// answer is the one in `state.proposals` under the number and what it is bound to, or else
/// `elsewhere`, if that has the view and digest asked for. If there is none, or the signer is this
/// server, nothing happens.
/// Rejects: `Full` (naming the signer, nothing changed) if it was answered [`ANSWERS`](super::ANSWERS) times in its
/// period, see [`State::may_answer`].
///
/// Otherwise the Pre-Prepare is emitted as `Relay` to the signer alone.
///
/// Paper: none. Deviation: none.
///
/// Invariant: nothing but the count of answers to the signer changes; what is answered has the view
/// and digest asked for.
#[slot(view_change.on_proposal_request)]
pub fn on_proposal_request(
    state: &mut State,
    config: &Config,
    now: Time,
    message: &Verified<ProposalRequest>,
    elsewhere: Option<&Verified<PrePrepare>>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    let ProposalRequest { seq, bound } = message.body();
    let fits = |held: &&Verified<PrePrepare>| {
        (held.body().view, held.body().seq, held.digest()) == (bound.view, *seq, bound.digest)
    };
    let held = state.proposals.get(&(*seq, *bound)).or_else(|| elsewhere.filter(fits)).cloned();
    let Some(proposal) = held.filter(|_| sender != state.me) else { return };
    if !state.may_answer(config, now, sender) {
        return effects.reject(sender, Reject::Full);
    }
    effects.push(Effect::Relay { to: To::One(sender), message: proposal.into() });
}
