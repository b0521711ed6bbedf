//! A Commit arrives.

use crate::order::{Effects, State, advance};
use slots::slot;
use wire::prime::Commit;
use wire::{Config, Reject, Verified};

/// Counts a Commit of its signer.
///
/// Rejects (naming the signer, nothing else changed), in this precedence:
/// Rejects: `WrongView` if its view is not the installed one;
/// Rejects: `Stale` if its number is at or below `state.ordered`;
/// Rejects: `BeyondWindow` if its number exceeds `state.horizon(config)`;
/// Rejects: `Duplicate` if the slot holds one of this signer with the same digest;
/// Rejects: `Equivocation` if the slot holds one of this signer with another digest (the first
/// stays).
///
/// Otherwise it enters the slot (made if need be) under its signer, whether or not the Pre-Prepare
/// has come, and [`advance`] for its number follows.
///
/// Paper: 4.1, "Global Ordering Phase". Deviation: none.
#[slot(order.on_commit)]
pub fn on_commit(
    state: &mut State,
    config: &Config,
    message: &Verified<Commit>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    let body = message.body();
    if body.view != state.view {
        return effects.reject(sender, Reject::WrongView);
    }
    if body.seq <= state.ordered {
        return effects.reject(sender, Reject::Stale);
    }
    if body.seq > state.horizon(config) {
        return effects.reject(sender, Reject::BeyondWindow);
    }
    let votes = &mut state.slots.entry(body.seq).or_default().commits;
    match votes.get(&sender) {
        Some(held) if held.body().digest == body.digest => {
            effects.reject(sender, Reject::Duplicate);
        }
        Some(_) => effects.reject(sender, Reject::Equivocation),
        None => {
            votes.insert(sender, message.clone());
            advance(state, config, body.seq, effects);
        }
    }
}
