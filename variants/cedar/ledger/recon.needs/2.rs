//! A list of reasons why a server needs nothing.

use prime::pre_order::State;
use wire::{PoSeq, ReplicaId};

/// What is asked.
struct Question<'a> {
    pre_order: &'a State,
    receiver: ReplicaId,
    originator: ReplicaId,
    seq: PoSeq,
}

/// The row of a server in vectors that have one for each.
fn row(id: ReplicaId) -> Option<usize> {
    usize::from(id.0).checked_sub(1)
}

/// Whether the receiver's last PO-ARU covers the identifier; where it says nothing, it says 0.
fn covered(question: &Question<'_>) -> bool {
    let aru = row(question.receiver)
        .and_then(|receiver| question.pre_order.rows.get(receiver)?.as_ref())
        .zip(row(question.originator))
        .and_then(|(message, originator)| message.body().vec.get(originator));
    aru.copied().unwrap_or(PoSeq(0)) >= question.seq
}

/// Whether the receiver acknowledged just what the identifier is bound to.
fn acknowledged(question: &Question<'_>) -> bool {
    let slot = row(question.originator)
        .and_then(|originator| question.pre_order.columns.get(originator))
        .and_then(|column| column.slots.get(&question.seq));
    slot.is_some_and(|slot| {
        slot.certified.is_some()
            && slot.acks.get(&question.receiver).copied() == slot.certified
    })
}

/// Each says that the receiver needs nothing.
const REASONS: [fn(&Question<'_>) -> bool; 4] = [
    |question| question.receiver == question.pre_order.me,
    |question| question.receiver == question.originator,
    covered,
    acknowledged,
];

/// Returns whether `receiver` should be sent a part of (o, s), as far as this server knows.
pub fn needs(
    pre_order: &State,
    receiver: ReplicaId,
    originator: ReplicaId,
    seq: PoSeq,
) -> bool {
    let question = Question { pre_order, receiver, originator, seq };
    !REASONS.iter().any(|reason| reason(&question))
}
