//! The two prefixes as spans by originator, each of which unfolds into its numbers.

use wire::{PoSeq, ReplicaId};

/// What one originator gained: the numbers above `after`, `length` of them.
struct Span {
    originator: ReplicaId,
    after: u64,
    length: u64,
}

/// The differences of the two vectors that are not empty.
fn spans<'a>(old: &'a [PoSeq], new: &'a [PoSeq]) -> impl Iterator<Item = Span> + 'a {
    (1..=u16::MAX).zip(old.iter().zip(new)).filter_map(|(id, (old, new))| {
        let length = new.0.saturating_sub(old.0);
        (length > 0).then_some(Span { originator: ReplicaId(id), after: old.0, length })
    })
}

/// Lists the preorder identifiers that become eligible between two prefixes, in total order.
pub fn order_of(old: &[PoSeq], new: &[PoSeq]) -> Vec<(ReplicaId, PoSeq)> {
    spans(old, new)
        .flat_map(|span| {
            (1..=span.length).map(move |step| (span.originator, PoSeq(span.after + step)))
        })
        .collect()
}
