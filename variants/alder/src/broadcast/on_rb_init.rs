//! Init of its signer.

use prime::broadcast::{Effects, State, Tag};
use wire::prime::RbInit;
use wire::{Config, Reject, Verified};

/// Takes the first Init of a tag, or the decided one in its place.
pub fn on_rb_init(
    state: &mut State,
    config: &Config,
    message: &Verified<RbInit>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let digest = message.digest();
    let body = message.body();
    let tag = Tag { view: body.view, originator: signer, seq: body.seq };

    let mut refused = state.outside(tag);
    if refused.is_none()
        && let Some(instance) = state.instances.get(&tag)
        && let Some(before) = &instance.init
    {
        if before.digest() == digest {
            refused = Some(Reject::Duplicate);
        } else if instance.decided != Some(digest) {
            refused = Some(Reject::Equivocation);
        }
    }
    if let Some(reason) = refused {
        effects.reject(signer, reason);
        return;
    }

    let instance = state.instances.entry(tag).or_default();
    instance.init = Some(message.clone());
    prime::broadcast::advance(state, config, tag, effects);
}
