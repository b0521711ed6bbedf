//! An Echo arrives.

use crate::broadcast::{Effects, State, Tag, advance};
use crate::votes::keep_first;
use slots::slot;
use wire::prime::RbEcho;
use wire::{Config, Verified};

/// Counts an Echo of its signer.
///
/// Rejects (naming the signer, nothing changed), in this precedence:
/// Rejects: what `state.outside` says of its tag, if anything;
/// Rejects: `Duplicate` if one of this signer with the same digest is held;
/// Rejects: `Equivocation` if one of this signer with another digest is held (the first stays).
///
/// Otherwise its digest enters the broadcast's `echoes` (the entry made if need be) under its signer,
/// and [`advance`] for the tag follows.
///
/// Paper: 5.3, "Preliminaries". Deviation: carries the digest, not the payload.
///
/// Invariant: a digest that stands in `echoes` under a signer is never replaced.
/// Invariant: only the entry of the tag changes, and what `advance` does for it.
#[slot(broadcast.on_rb_echo)]
pub fn on_rb_echo(
    state: &mut State,
    config: &Config,
    message: &Verified<RbEcho>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    let body = message.body();
    let tag = Tag { view: body.view, originator: body.originator, seq: body.seq };
    if let Some(reason) = state.outside(tag) {
        return effects.reject(sender, reason);
    }
    let votes = &mut state.instances.entry(tag).or_default().echoes;
    match keep_first(votes, sender, body.digest) {
        Ok(()) => advance(state, config, tag, effects),
        Err(reason) => effects.reject(sender, reason),
    }
}
