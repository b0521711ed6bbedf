//! Pre-Prepare of a leader.

use prime::order::{Effects, State};
use wire::prime::{PrePrepare, PrePrepareConflict};
use wire::{Config, Reject, To, Verified};

/// Takes a Pre-Prepare of its signer.
pub fn on_pre_prepare(
    state: &mut State,
    config: &Config,
    message: &Verified<PrePrepare>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let body = message.body();
    let installed = body.view == state.view;

    let mut conflict = None;
    let mut refused = None;
    if !installed && body.view != state.preinstalled {
        refused = Some(Reject::WrongView);
    } else if signer != config.leader_of(body.view) {
        refused = Some(Reject::NotEntitled);
    } else if body.seq <= state.ordered || state.ordered_elsewhere(body.view, body.seq) {
        refused = Some(Reject::Stale);
    } else if body.seq > state.horizon(config) {
        refused = Some(Reject::BeyondWindow);
    } else {
        let slot;
        if installed {
            slot = state.slots.get(&body.seq);
        } else {
            slot = state.early.get(&body.seq);
        }
        if let Some(slot) = slot
            && let Some(held) = &slot.pre_prepare
        {
            if held.digest() == message.digest() {
                refused = Some(Reject::Duplicate);
            } else {
                refused = Some(Reject::Equivocation);
                if installed && !state.leader_accused {
                    conflict = Some(PrePrepareConflict {
                        first: held.signed().clone(),
                        second: message.signed().clone(),
                    });
                }
            }
        }
    }

    if let Some(conflict) = conflict {
        state.leader_accused = true;
        effects.send(To::All, conflict);
    }
    if let Some(reason) = refused {
        effects.reject(signer, reason);
        return;
    }
    let Some(slot) = state.slot_of(body.view, body.seq) else {
        return;
    };
    slot.pre_prepare = Some(message.clone());
    if installed {
        prime::order::accept(state, config, effects);
    }
}
