//! States of reconciliation.

use prime::recon::{
    Identifier, MAX_ANSWERS, MAX_HELD, MAX_WANTED, State, part_length, path_length,
};
use std::collections::BTreeSet;
use wire::prime::{Matrix, Recon};
use wire::{Config, PoSeq, ReplicaId, Time, Verified};

/// Whether the number is one that something can have.
pub(super) fn numbered((_, _, seq): &(Matrix, ReplicaId, PoSeq)) -> bool {
    seq.0 > 0
}

/// Whether each identifier stands there once.
pub(super) fn once((_, missing): &(Time, Vec<Identifier>)) -> bool {
    missing.iter().collect::<BTreeSet<_>>().len() == missing.len()
}

/// Whether reconciliation may meet `state`.
pub(crate) fn recon(config: &Config, _before: &State, state: &State) -> bool {
    let identifier = |(originator, seq): &Identifier| config.is_replica(*originator) && seq.0 > 0;
    let parts = state.parts.iter().enumerate().all(|(row, parts)| {
        parts.len() <= MAX_HELD
            && parts.iter().all(|(identifier, part)| fits(config, row, identifier, part))
    });
    config.is_replica(state.me)
        && state.parts.len() == config.size()
        && state.answered.len() == config.size()
        && parts
        && state.sent.keys().all(identifier)
        && state
            .sent
            .values()
            .all(|receivers| receivers.iter().all(|id| config.is_replica(*id) && *id != state.me))
        && state.archive.iter().all(|(key, content)| identifier(key) && content.body.seq == key.1)
        && state.want.len() <= MAX_WANTED
        && state.want.keys().all(identifier)
        && state
            .answered
            .iter()
            .all(|answered| answered.len() <= MAX_ANSWERS && answered.keys().all(identifier))
}

fn fits(config: &Config, row: usize, identifier: &Identifier, part: &Verified<Recon>) -> bool {
    let body = part.body();
    let length = usize::try_from(body.length).unwrap_or(usize::MAX);
    part.signer().index() == row
        && (body.originator, body.seq) == *identifier
        && config.is_replica(body.originator)
        && body.part.len() == part_length(config, length)
        && body.path.len() == path_length(config)
        && wire::merkle::fold(
            prime::recon::part_leaf(&body.part),
            u32::try_from(row).unwrap_or(u32::MAX),
            &body.path,
        ) == Some(body.root)
}
