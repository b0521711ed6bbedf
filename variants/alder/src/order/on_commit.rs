//! Commit of one server.

use prime::order::{Effects, State};
use wire::prime::Commit;
use wire::{Config, Reject, Verified};

/// Why the vote does not count, if so.
fn refusal(state: &State, config: &Config, message: &Verified<Commit>) -> Option<Reject> {
    let signer = message.signer();
    let body = message.body();
    if body.view != state.view && body.view != state.preinstalled {
        return Some(Reject::WrongView);
    }
    if body.seq <= state.ordered || state.ordered_elsewhere(body.view, body.seq) {
        return Some(Reject::Stale);
    }
    if body.seq > state.horizon(config) {
        return Some(Reject::BeyondWindow);
    }
    let slot;
    if body.view == state.view {
        slot = state.slots.get(&body.seq);
    } else {
        slot = state.early.get(&body.seq);
    }
    if let Some(slot) = slot
        && let Some(before) = slot.commits.get(&signer)
    {
        if before.body().digest == body.digest {
            return Some(Reject::Duplicate);
        }
        return Some(Reject::Equivocation);
    }
    None
}

/// Counts a Commit of its signer.
pub fn on_commit(
    state: &mut State,
    config: &Config,
    message: &Verified<Commit>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let body = message.body();
    if let Some(reason) = refusal(state, config, message) {
        effects.reject(signer, reason);
        return;
    }
    let Some(slot) = state.slot_of(body.view, body.seq) else {
        return;
    };
    slot.commits.insert(signer, message.clone());
    if body.view == state.view {
        prime::order::advance(state, config, body.seq, effects);
    }
}
