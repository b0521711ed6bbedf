//! Somebody proves that an originator gave one number to two requests.

use crate::pre_order::{Effects, State};
use slots::slot;
use wire::prime::PoRequestConflict;
use wire::{Config, Reject, Verified, auth::Context};

/// Takes a proof that an originator signed two different PO-Requests under one number.
///
/// Rejects (naming the proof's sender, nothing changed), in this precedence:
/// Rejects: `Invalid` unless both requests are of one signer, under one number, with different
/// digests;
/// Rejects: `Duplicate` if that signer is in `state.equivocators` already, unless the proof was
/// signed by this server itself, which added it when it found the conflict: then nothing happens.
///
/// Otherwise the signer enters `state.equivocators`, and nothing else follows: slots keep what they
/// hold, since certificates alone decide; neither request is taken as content; and the proof, which
/// is as large as two requests, is not passed on, since every finder sends it to all.
///
/// Invariant: a correct server is never in `state.equivocators`. Nobody leaves it.
/// Paper: none. Deviation: the report does not speak of equivocating originators.
#[slot(pre_order.on_po_request_conflict)]
pub fn on_po_request_conflict(
    state: &mut State,
    config: &Config,
    message: &Verified<PoRequestConflict>,
    effects: &mut Effects,
) {
    let (first, second) = message.pair(&Context::from(config));
    let proves = first.signer() == second.signer()
        && first.body().seq == second.body().seq
        && first.digest() != second.digest();
    if !proves {
        return effects.reject(message.signer(), Reject::Invalid);
    }
    let known = !state.equivocators.insert(first.signer());
    if known && message.signer() != state.me {
        effects.reject(message.signer(), Reject::Duplicate);
    }
}
