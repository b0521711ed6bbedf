//! The certified prefix of a column grows step by step.

use prime::pre_order::{State, certificate};
use wire::{Config, Digest, PoSeq, ReplicaId};

/// Takes steps for as long as the next slot yields a certificate.
pub fn advance_aru(state: &mut State, config: &Config, originator: ReplicaId) {
    while let Some((seq, digest)) = next(state, config, originator) {
        let column = &mut state.columns[originator.index()];
        if let Some(slot) = column.slots.get_mut(&seq) {
            slot.certified = Some(digest);
        }
        column.aru = seq;
    }
}

fn next(state: &State, config: &Config, originator: ReplicaId) -> Option<(PoSeq, Digest)> {
    let column = &state.columns[originator.index()];
    let seq = PoSeq(column.aru.0.checked_add(1)?);
    let slot = column.slots.get(&seq)?;
    Some((seq, certificate(config, originator, slot)?))
}
