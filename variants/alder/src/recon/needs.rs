//! Whether a server should be sent a part.

use prime::pre_order;
use wire::{PoSeq, ReplicaId};

/// What the list says under `id`.
fn of<T>(list: &[T], id: ReplicaId) -> Option<&T> {
    let at = usize::from(id.0).checked_sub(1)?;
    list.get(at)
}

/// Whether `receiver` should be sent a part of the identifier, as far as this server knows.
pub fn needs(
    pre_order: &pre_order::State,
    receiver: ReplicaId,
    originator: ReplicaId,
    seq: PoSeq,
) -> bool {
    if receiver == pre_order.me || receiver == originator {
        return false;
    }

    let mut known = PoSeq(0);
    if let Some(Some(row)) = of(&pre_order.rows, receiver)
        && let Some(entry) = of(&row.body().vec, originator)
    {
        known = *entry;
    }
    if known >= seq {
        return false;
    }

    if let Some(column) = of(&pre_order.columns, originator)
        && let Some(slot) = column.slots.get(&seq)
        && let Some(certified) = slot.certified
        && let Some(acknowledged) = slot.acks.get(&receiver)
        && *acknowledged == certified
    {
        return false;
    }
    true
}
