//! A Pre-Prepare arrives, from the leader or flooded.

use crate::order::{Effects, State, accept};
use slots::slot;
use wire::prime::{PrePrepare, PrePrepareConflict};
use wire::{Config, Reject, To, Verified};

/// Takes a Pre-Prepare of its signer.
///
/// Rejects (naming the signer, nothing changed unless said), in this precedence:
/// Rejects: `WrongView` if its view is neither the installed nor the preinstalled one;
/// Rejects: `NotEntitled` if its signer is not that view's leader;
/// Rejects: `Stale` if its number is at or below `state.ordered`, or ordered in another view
/// ([`State::ordered_elsewhere`]);
/// Rejects: `BeyondWindow` if its number exceeds `state.horizon(config)`;
/// Rejects: `Duplicate` if the slot holds a Pre-Prepare with the same digest;
/// Rejects: `Equivocation` if the slot holds one with another digest. The one held stays. In this
/// case only, and only if its view is installed and `state.leader_accused` is false, it is set and a
/// `PrePrepareConflict` (first: the one held, second: this one) is emitted as `Send` to `To::All`
/// before the reject.
///
/// The slot is that of its view and number ([`State::slot_of`]): of the installed view in `slots`, of
/// the preinstalled one in `early`. Otherwise it enters the slot (made if need be), and, if its view
/// is installed, [`accept`] follows.
///
/// Paper: 4.1, "Global Ordering Phase". Deviation: two different ones are kept as proof.
///
/// Invariant: the Pre-Prepare that a slot holds is never replaced by another.
/// Invariant: a leader is accused at most once in a view, with two Pre-Prepares of its own for one
/// view and number.
/// Invariant: `ordered` and `accepted` never fall.
#[slot(order.on_pre_prepare)]
pub fn on_pre_prepare(
    state: &mut State,
    config: &Config,
    message: &Verified<PrePrepare>,
    effects: &mut Effects,
) {
    let leader = message.signer();
    let (view, seq) = (message.body().view, message.body().seq);
    if view != state.view && view != state.preinstalled {
        return effects.reject(leader, Reject::WrongView);
    }
    if leader != config.leader_of(view) {
        return effects.reject(leader, Reject::NotEntitled);
    }
    if seq <= state.ordered || state.ordered_elsewhere(view, seq) {
        return effects.reject(leader, Reject::Stale);
    }
    if seq > state.horizon(config) {
        return effects.reject(leader, Reject::BeyondWindow);
    }
    let current = view == state.view;
    let accused = state.leader_accused;
    let Some(slot) = state.slot_of(view, seq) else { return };
    match &slot.pre_prepare {
        Some(held) if held.digest() == message.digest() => {
            effects.reject(leader, Reject::Duplicate);
        }
        Some(held) => {
            if current && !accused {
                let (first, second) = (held.signed().clone(), message.signed().clone());
                state.leader_accused = true;
                effects.send(To::All, PrePrepareConflict { first, second });
            }
            effects.reject(leader, Reject::Equivocation);
        }
        None => {
            slot.pre_prepare = Some(message.clone());
            if current {
                accept(state, config, effects);
            }
        }
    }
}
