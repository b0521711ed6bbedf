//! Content that the log's Reconciliation parts prove.

use prime::pre_order::{Content, PoSlot, State};
use wire::{Config, ReplicaId};

/// Binds the identifier of `content` to it again, unless it was executed and dropped before.
pub fn recover_content(
    state: &mut State,
    _config: &Config,
    originator: ReplicaId,
    content: &Content,
) {
    let column = &mut state.columns[originator.index()];
    if let Some(seq) = Some(content.body.seq).filter(|seq| *seq > column.retired) {
        let old = column.slots.remove(&seq).unwrap_or_default();
        column.slots.insert(seq, proven(old, content));
    }
}

/// The slot once it is bound to `content`; the request seen first needs no second copy.
fn proven(old: PoSlot, content: &Content) -> PoSlot {
    let beside = Some(content)
        .filter(|content| old.request.as_ref().map(|held| held.digest()) != Some(content.digest))
        .cloned();
    PoSlot { certified: Some(content.digest), adopted: beside.or(old.adopted), ..old }
}
