//! Content that f+1 Reconciliation senders vouched for.

use prime::pre_order::{Content, Effects, PoSlot, State, advance_aru};
use wire::{Config, Reject, ReplicaId};

/// What is to become of the content.
enum Fate {
    /// Dropped, and why.
    Drop(Reject),
    /// Bound; the first request has this digest already.
    BindOnly,
    /// Bound and kept beside the first request.
    BindAndKeep,
}

/// Binds the identifier of a reconciled request to its digest, keeps the request if it is not
/// the first one seen, and lets the certified prefix grow over it.
pub fn adopt(
    state: &mut State,
    config: &Config,
    originator: ReplicaId,
    content: &Content,
    effects: &mut Effects,
) {
    let seq = content.body.seq;
    let keep = match decide(state, config, originator, content) {
        Fate::Drop(reason) => {
            effects.reject(None::<ReplicaId>, reason);
            return;
        }
        Fate::BindOnly => false,
        Fate::BindAndKeep => true,
    };
    let slot = state.columns[originator.index()].slots.entry(seq).or_default();
    slot.certified = Some(content.digest);
    if keep {
        slot.adopted = Some(content.clone());
    }
    advance_aru(state, config, originator);
}

fn decide(state: &State, config: &Config, originator: ReplicaId, content: &Content) -> Fate {
    if !config.is_replica(originator) {
        return Fate::Drop(Reject::Invalid);
    }
    let column = &state.columns[originator.index()];
    let seq = content.body.seq;
    if seq <= column.retired {
        return Fate::Drop(Reject::Stale);
    }
    if seq.0 > column.retired.0.saturating_add(config.windows.preorder) {
        return Fate::Drop(Reject::BeyondWindow);
    }
    match column.slots.get(&seq) {
        None => Fate::BindAndKeep,
        Some(slot) => decide_in(slot, content),
    }
}

fn decide_in(slot: &PoSlot, content: &Content) -> Fate {
    match slot.certified {
        Some(bound) if bound == content.digest => return Fate::Drop(Reject::Duplicate),
        Some(_) => return Fate::Drop(Reject::Equivocation),
        None => {}
    }
    match &slot.request {
        Some(request) if request.digest() == content.digest => Fate::BindOnly,
        _ => Fate::BindAndKeep,
    }
}
