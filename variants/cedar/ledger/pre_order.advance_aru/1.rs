//! The gap-free prefix of certified content grows: first the steps are drawn up, then taken.

use prime::pre_order::{Column, State, certificate};
use std::ops::Bound::{Excluded, Unbounded};
use wire::{Config, Digest, PoSeq, ReplicaId};

/// One number that the prefix is extended over.
struct Step {
    number: PoSeq,
    digest: Digest,
}

/// Certifies what can be certified in one originator's column and extends `PO_Aru` over it.
pub fn advance_aru(state: &mut State, config: &Config, originator: ReplicaId) {
    let place = usize::from(originator.0).checked_sub(1);
    if let Some(column) = place.and_then(|index| state.columns.get_mut(index)) {
        let steps = steps(column, config, originator);
        take(column, steps);
    }
}

/// The slots above `aru` for as long as the k-th of them lies k above it and has a certificate.
fn steps(column: &Column, config: &Config, originator: ReplicaId) -> Vec<Step> {
    column
        .slots
        .range((Excluded(column.aru), Unbounded))
        .zip(1_u64..)
        .map_while(|((&number, slot), rank)| {
            let distance = number.0.checked_sub(column.aru.0)?;
            let digest =
                if distance == rank { certificate(config, originator, slot) } else { None };
            digest.map(|digest| Step { number, digest })
        })
        .collect()
}

fn take(column: &mut Column, steps: Vec<Step>) {
    for Step { number, digest } in steps {
        if let Some(slot) = column.slots.get_mut(&number) {
            slot.certified = Some(digest);
            column.aru = number;
        }
    }
}
