//! An Init arrives, from its originator or passed on.

use crate::broadcast::{Effects, State, Tag, advance};
use slots::slot;
use wire::prime::RbInit;
use wire::{Config, Reject, Verified};

/// Takes an Init of its signer.
///
/// Rejects (naming the signer, nothing changed), in this precedence:
/// Rejects: what `state.outside` says of its tag (its view, signer and number), if anything;
/// Rejects: `Duplicate` if the broadcast's `init` has the same digest;
/// Rejects: `Equivocation` if it has another digest, unless this one's is the `decided` digest.
///
/// Otherwise it becomes the broadcast's `init` (the entry made if need be), and [`advance`] for the
/// tag follows. So if none is held, any is taken, even where another digest is `decided` already; the
/// decided one replaces it later.
///
/// Invariant: an `init` is replaced at most once, by the decided one.
/// Paper: 5.3, "Preliminaries". Deviation: none.
#[slot(broadcast.on_rb_init)]
pub fn on_rb_init(
    state: &mut State,
    config: &Config,
    message: &Verified<RbInit>,
    effects: &mut Effects,
) {
    let originator = message.signer();
    let tag = Tag { view: message.body().view, originator, seq: message.body().seq };
    if let Some(reason) = state.outside(tag) {
        return effects.reject(originator, reason);
    }
    let instance = state.instances.entry(tag).or_default();
    match &instance.init {
        Some(held) if held.digest() == message.digest() => {
            return effects.reject(originator, Reject::Duplicate);
        }
        Some(_) if instance.decided != Some(message.digest()) => {
            return effects.reject(originator, Reject::Equivocation);
        }
        Some(_) | None => {}
    }
    instance.init = Some(message.clone());
    advance(state, config, tag, effects);
}
