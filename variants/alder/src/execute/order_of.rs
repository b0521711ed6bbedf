//! The identifiers between two prefixes, in total order.

use wire::{PoSeq, ReplicaId};

/// All (o, s) with `old[o] < s <= new[o]`, ascending.
pub fn order_of(old: &[PoSeq], new: &[PoSeq]) -> Vec<(ReplicaId, PoSeq)> {
    let mut list = Vec::new();
    let mut at = 0_usize;
    let mut id = 0_u16;
    while let (Some(from), Some(to)) = (old.get(at), new.get(at)) {
        let Some(next) = id.checked_add(1) else {
            break;
        };
        id = next;
        let mut s = from.0;
        while s < to.0 {
            s += 1;
            list.push((ReplicaId(id), PoSeq(s)));
        }
        at += 1;
    }
    list
}
