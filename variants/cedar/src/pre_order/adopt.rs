//! Reconciled content settles an identifier.

use prime::pre_order::{Content, Effects, State, advance_aru};
use wire::{Config, Reject, ReplicaId};

/// Lets the guards speak, then settles the slot.
pub fn adopt(
    state: &mut State,
    config: &Config,
    originator: ReplicaId,
    content: &Content,
    effects: &mut Effects,
) {
    let column = &mut state.columns[originator.index()];
    let ahead = content.body.seq.0.saturating_sub(column.retired.0);
    let settled = column.slots.get(&content.body.seq).and_then(|slot| slot.certified);
    let guards = [
        (ahead == 0, Reject::Stale),
        (ahead > config.windows.preorder, Reject::BeyondWindow),
        (settled == Some(content.digest), Reject::Duplicate),
        (settled.is_some(), Reject::Equivocation),
    ];
    for (objects, reason) in guards {
        if objects {
            return effects.reject(None, reason);
        }
    }
    let slot = column.slots.entry(content.body.seq).or_default();
    match &slot.request {
        Some(request) if request.digest() == content.digest => {}
        Some(_) | None => slot.adopted = Some(content.clone()),
    }
    slot.certified = Some(content.digest);
    advance_aru(state, config, originator);
}
