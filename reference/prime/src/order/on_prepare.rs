//! A Prepare arrives.

use crate::order::{Effects, State, advance};
use crate::votes::keep_first;
use slots::slot;
use wire::prime::Prepare;
use wire::{Config, Reject, Verified};

/// Counts a Prepare of its signer.
///
/// Rejects (naming the signer, nothing changed), in this precedence:
/// Rejects: `WrongView` if its view is neither the installed nor the preinstalled one;
/// Rejects: `NotEntitled` if its signer is that view's leader, whose Pre-Prepare is its vote;
/// Rejects: `Stale` if its number is at or below `state.ordered`, or ordered in another view
/// ([`State::ordered_elsewhere`]);
/// Rejects: `BeyondWindow` if its number exceeds `state.horizon(config)`;
/// Rejects: `Duplicate` if the slot holds one of this signer with the same digest;
/// Rejects: `Equivocation` if the slot holds one of this signer with another digest (the first
/// stays).
///
/// The slot is that of its view and number ([`State::slot_of`]): of the installed view in `slots`, of
/// the preinstalled one in `early`. Otherwise it enters the slot (made if need be) under its signer,
/// whether or not the Pre-Prepare has come, and, if its view is installed, [`advance`] for its number
/// follows.
///
/// Paper: 4.1, "Global Ordering Phase". Deviation: none.
///
/// Invariant: a vote that stands in a slot under a signer is never replaced, and none is ever the
/// leader's.
/// Invariant: on a reject nothing changes; otherwise only what `advance` does, and the one vote.
#[slot(order.on_prepare)]
pub fn on_prepare(
    state: &mut State,
    config: &Config,
    message: &Verified<Prepare>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    let body = message.body();
    if body.view != state.view && body.view != state.preinstalled {
        return effects.reject(sender, Reject::WrongView);
    }
    if sender == config.leader_of(body.view) {
        return effects.reject(sender, Reject::NotEntitled);
    }
    if body.seq <= state.ordered || state.ordered_elsewhere(body.view, body.seq) {
        return effects.reject(sender, Reject::Stale);
    }
    if body.seq > state.horizon(config) {
        return effects.reject(sender, Reject::BeyondWindow);
    }
    let current = body.view == state.view;
    let Some(slot) = state.slot_of(body.view, body.seq) else { return };
    match keep_first(&mut slot.prepares, sender, message.clone()) {
        Ok(()) if current => advance(state, config, body.seq, effects),
        Ok(()) => {}
        Err(reason) => effects.reject(sender, reason),
    }
}
