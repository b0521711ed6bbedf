//! Somebody proves that a server contradicted itself in its PO-ARUs.

use crate::pre_order::{Effects, Relation, State, relation};
use slots::slot;
use wire::prime::PoAruConflict;
use wire::{Config, Effect, Reject, To, Verified};

/// Takes a proof that a server signed two inconsistent PO-ARUs.
///
/// Rejects (naming the proof's sender, nothing changed), in this precedence:
/// Rejects: `Invalid` unless both PO-ARUs are of one signer, have N entries each and are
/// `Inconsistent` ([`relation`]);
/// Rejects: `Duplicate` if that signer is in `state.blacklist` already, unless the proof was signed
/// by this server itself, which added it when it found the conflict: then nothing happens.
///
/// Otherwise the signer enters `state.blacklist` and, so that every correct server learns of it
/// whoever is cut off, the proof is passed on as it is: `Relay` to `To::Others`.
///
/// Invariant: a correct server is never blacklisted. Nobody leaves the blacklist.
/// Paper: 4.2, "Blacklisting Servers". Deviation: passed on once by everyone, not by the finder
/// alone.
#[slot(pre_order.on_po_aru_conflict)]
pub fn on_po_aru_conflict(
    state: &mut State,
    config: &Config,
    message: &Verified<PoAruConflict>,
    effects: &mut Effects,
) {
    let (first, second) = (&message.body().first, &message.body().second);
    let lengths = first.body.vec.len() == config.size() && second.body.vec.len() == config.size();
    let proves = first.signer == second.signer
        && lengths
        && relation(&first.body.vec, &second.body.vec) == Relation::Inconsistent;
    if !proves {
        return effects.reject(message.signer(), Reject::Invalid);
    }
    if state.blacklist.insert(first.signer) {
        effects.push(Effect::Relay { to: To::Others, message: message.clone().into() });
    } else if message.signer() != state.me {
        effects.reject(message.signer(), Reject::Duplicate);
    }
}
