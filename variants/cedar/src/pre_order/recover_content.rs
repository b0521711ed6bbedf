//! Content that the log's parts prove.

use prime::pre_order::{Content, State};
use wire::{Config, ReplicaId};

/// Settles the slot with the proven content, unless it is long retired.
pub fn recover_content(
    state: &mut State,
    _config: &Config,
    originator: ReplicaId,
    content: &Content,
) {
    let seq = content.body.seq;
    let column = &mut state.columns[originator.index()];
    if seq > column.retired {
        let slot = column.slots.entry(seq).or_default();
        let first = slot.request.as_ref().map(|request| request.digest());
        if first != Some(content.digest) {
            slot.adopted.replace(content.clone());
        }
        slot.certified.replace(content.digest);
    }
}
