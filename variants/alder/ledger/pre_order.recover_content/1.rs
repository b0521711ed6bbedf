//! Content that the log's Reconciliation parts prove.

use prime::pre_order::{Content, State};
use wire::{Config, ReplicaId};

/// Binds the slot to content that was reconciled before the restart, and keeps the content unless
/// the first request is the same; `aru` is left for later.
pub fn recover_content(
    state: &mut State,
    config: &Config,
    originator: ReplicaId,
    content: &Content,
) {
    if !config.is_replica(originator) {
        return;
    }
    let seq = content.body.seq;
    let column = &mut state.columns[originator.index()];
    if seq <= column.retired {
        return;
    }
    let slot = column.slots.entry(seq).or_default();
    let keep = match &slot.request {
        Some(request) => request.digest() != content.digest,
        None => true,
    };
    slot.certified = Some(content.digest);
    if keep {
        slot.adopted = Some(content.clone());
    }
}
