//! Whether a server should be sent a part.

use prime::pre_order;
use prime::pre_order::PoSlot;
use wire::PoSeq;
use wire::ReplicaId;

/// 4.1, "Reconciliation", Figure 3, line A11
pub fn needs(
    pre_order: &pre_order::State,
    receiver: ReplicaId,
    originator: ReplicaId,
    seq: PoSeq,
) -> bool {
    receiver != pre_order.me
        && receiver != originator
        && acknowledged(pre_order, receiver, originator) < seq
        && !pre_order
            .slot(originator, seq)
            .is_some_and(|slot| acked(slot, receiver))
}

/// `Last_PO_Aru[receiver][originator]`.
fn acknowledged(
    pre_order: &pre_order::State,
    receiver: ReplicaId,
    originator: ReplicaId,
) -> PoSeq {
    let row = |id: ReplicaId| usize::from(id.0).checked_sub(1);
    row(receiver)
        .and_then(|receiver| pre_order.rows.get(receiver))
        .and_then(Option::as_ref)
        .zip(row(originator))
        .and_then(|(aru, originator)| aru.body().vec.get(originator).copied())
        .unwrap_or_default()
}

/// Whether `receiver` acknowledged the certified request.
fn acked(slot: &PoSlot, receiver: ReplicaId) -> bool {
    slot.certified.is_some() && slot.acks.get(&receiver).copied() == slot.certified
}
