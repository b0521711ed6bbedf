//! Ready of one server for one broadcast.

use prime::broadcast::{Effects, State, Tag};
use wire::prime::RbReady;
use wire::{Config, Reject, Verified};

/// Counts the first Ready of its signer, and goes on from there.
pub fn on_rb_ready(
    state: &mut State,
    config: &Config,
    message: &Verified<RbReady>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let body = message.body();
    let tag = Tag { view: body.view, originator: body.originator, seq: body.seq };

    let mut refused = state.outside(tag);
    if refused.is_none()
        && let Some(instance) = state.instances.get(&tag)
        && let Some(before) = instance.readies.get(&signer)
    {
        if *before == body.digest {
            refused = Some(Reject::Duplicate);
        } else {
            refused = Some(Reject::Equivocation);
        }
    }
    if let Some(reason) = refused {
        effects.reject(signer, reason);
        return;
    }

    let instance = state.instances.entry(tag).or_default();
    instance.readies.insert(signer, body.digest);
    prime::broadcast::advance(state, config, tag, effects);
}
