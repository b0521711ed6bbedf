//! Reconciled content takes its place.

use crate::pre_order::{Content, Effects, State, advance_aru};
use slots::slot;
use wire::{Config, Reject, ReplicaId};

/// Takes content for (o, s) that f+1 Reconciliation senders vouched for.
///
/// Rejects (naming no sender, nothing changed), in this precedence:
/// Rejects: `Stale` if s is at or below the column's `retired`;
/// Rejects: `BeyondWindow` if s exceeds the column's `retired + windows.preorder`;
/// Rejects: `Duplicate` if the slot is certified with the content's digest;
/// Rejects: `Equivocation` if the slot is certified with another digest (more than f faulty servers).
///
/// Otherwise the slot (made if need be) gets `certified` = the digest, and, unless its `request`
/// has that digest, `adopted` = the content, whatever was adopted before; then [`advance_aru`] of
/// o. Nothing is acknowledged and nothing is emitted.
///
/// Invariant: after it, `content` of the slot returns this content.
/// Paper: 4.1, "Reconciliation". Deviation: f+1 vouching senders bind the identifier here, as a
/// certificate does.
#[slot(pre_order.adopt)]
pub fn adopt(
    state: &mut State,
    config: &Config,
    originator: ReplicaId,
    content: &Content,
    effects: &mut Effects,
) {
    let seq = content.body.seq;
    let column = &mut state.columns[originator.index()];
    if seq <= column.retired {
        return effects.reject(None, Reject::Stale);
    }
    if seq.0 > column.retired.0.saturating_add(config.windows.preorder) {
        return effects.reject(None, Reject::BeyondWindow);
    }
    let slot = column.slots.entry(seq).or_default();
    match slot.certified {
        Some(digest) if digest == content.digest => effects.reject(None, Reject::Duplicate),
        Some(_) => effects.reject(None, Reject::Equivocation),
        None => {
            slot.certified = Some(content.digest);
            let first = slot.request.as_ref().is_some_and(|held| held.digest() == content.digest);
            if !first {
                slot.adopted = Some(content.clone());
            }
            advance_aru(state, config, originator);
        }
    }
}
