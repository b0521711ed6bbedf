//! What the last PO-ARU promised holds again.

use prime::pre_order::{Column, State};
use wire::{Config, PoSeq};

/// Raises every column as far as promise and content go.
pub fn recover_promises(state: &mut State, _config: &Config) {
    for (index, promised) in state.sent_aru.iter().enumerate() {
        raise(&mut state.columns[index], *promised);
    }
}

fn raise(column: &mut Column, promised: PoSeq) {
    let from = column.aru.0;
    for seq in (from..promised.0).map(|below| PoSeq(below + 1)) {
        let Some(slot) = column.slots.get_mut(&seq) else { return };
        let adopted = slot.adopted.as_ref().map(|content| content.digest);
        let first = slot.request.as_ref().map(|request| request.digest());
        let Some(digest) = adopted.or(first) else { return };
        slot.certified.get_or_insert(digest);
        column.aru = seq;
    }
}
