//! Reconciled content that the log proves.

use crate::pre_order::{Content, State};
use slots::slot;
use wire::{Config, ReplicaId};

/// Takes content for (o, s) that the log's Reconciliation parts prove, before the server starts.
///
/// Nothing happens if s is at or below the column's `retired`. Otherwise the slot (made if need be)
/// gets `certified` = the digest and, unless its `request` has that digest, `adopted` = the
/// content. No window applies: the log holds only what was let in. Emits nothing; `aru` follows in
/// `recover_promises`.
///
/// Paper: none; the report's servers do not forget. Deviation: none.
#[slot(pre_order.recover_content)]
pub fn recover_content(
    state: &mut State,
    _config: &Config,
    originator: ReplicaId,
    content: &Content,
) {
    let column = &mut state.columns[originator.index()];
    if content.body.seq <= column.retired {
        return;
    }
    let slot = column.slots.entry(content.body.seq).or_default();
    slot.certified = Some(content.digest);
    if slot.request.as_ref().is_none_or(|held| held.digest() != content.digest) {
        slot.adopted = Some(content.clone());
    }
}
