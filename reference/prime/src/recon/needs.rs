//! Who needs parts.

use crate::pre_order;
use slots::slot;
use wire::{PoSeq, ReplicaId};

/// Returns whether `receiver` should be sent a part of (o, s), as far as this server knows.
///
/// True if all of these hold:
/// - the receiver is neither this server (`pre_order.me`) nor the originator;
/// - the last PO-ARU held of the receiver (`pre_order.rows`) has an entry for o below s; none held, or
///   one too short to have an entry for o, counts as 0;
/// - it is not so that (o, s) has a slot, certified, in which the receiver's PO-Ack names the
///   certified digest. A PO-Ack of another digest, or for a slot not certified, tells nothing.
///
/// The blacklist plays no part.
///
/// Requires: `receiver` and `originator` are replicas of this cluster.
///
/// Paper: 4.1, "Reconciliation", Figure 3, line A11. Deviation: acknowledgements count too, and
/// the originator is passed over.
///
/// Invariant: never true of this server, nor of the originator.
/// Invariant: nothing counts but the receiver's row and the slot of the identifier.
#[slot(recon.needs)]
pub fn needs(
    pre_order: &pre_order::State,
    receiver: ReplicaId,
    originator: ReplicaId,
    seq: PoSeq,
) -> bool {
    if receiver == pre_order.me || receiver == originator {
        return false;
    }
    let row = pre_order.rows[receiver.index()].as_ref();
    let entry = row.and_then(|row| row.body().vec.get(originator.index()).copied());
    if entry.unwrap_or_default() >= seq {
        return false;
    }
    let slot = pre_order.slot(originator, seq);
    let acknowledged = slot.is_some_and(|slot| {
        slot.certified.is_some() && slot.acks.get(&receiver) == slot.certified.as_ref()
    });
    !acknowledged
}
