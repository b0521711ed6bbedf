//! Which states a component may meet, as far as the documentation of their fields says: a recorded
//! state that was changed is used only if it is one of these.
//!
//! What is written nowhere, but follows from how states come about, is asked for as well where a
//! slot may rely on it: where no handler is under way, votes that decide have decided. A predicate
//! may be too narrow: then fewer states are tried. It must not be too wide: then right versions could
//! differ.

mod broadcast;
mod catch_up;
mod checkpoint;
mod execute;
mod order;
mod recon;
mod suspect;
mod view_change;

pub(crate) use broadcast::broadcast;
pub(crate) use catch_up::catch_up;
pub(crate) use checkpoint::checkpoint;
pub(crate) use execute::execute;
pub(crate) use order::order;
pub(crate) use recon::recon;
pub(crate) use suspect::suspect;
pub(crate) use view_change::view_change;

use std::collections::{BTreeMap, BTreeSet};
use wire::prime::Matrix;
use wire::{Config, Digest, ReplicaId, Signable, Verified};

/// Whether each message stands under its signer, who is a replica.
fn keyed<T: Signable<Signer = ReplicaId>>(
    config: &Config,
    votes: &BTreeMap<ReplicaId, Verified<T>>,
) -> bool {
    votes.iter().all(|(id, vote)| config.is_replica(*id) && vote.signer() == *id)
}

/// Whether all keys are replicas.
fn replicas<V>(config: &Config, votes: &BTreeMap<ReplicaId, V>) -> bool {
    votes.keys().all(|id| config.is_replica(*id))
}

/// How many of `votes` name `digest`.
fn count(votes: &BTreeMap<ReplicaId, Digest>, digest: Digest) -> usize {
    votes.values().filter(|named| **named == digest).count()
}

/// Whether these are messages of `least` replicas or more, ascending by signer.
fn ascending(
    config: &Config,
    least: usize,
    votes: impl Iterator<Item = ReplicaId> + Clone,
) -> bool {
    let next = votes.clone().skip(1);
    votes.clone().zip(next).all(|(one, next)| one < next)
        && votes.clone().all(|id| config.is_replica(id))
        && votes.count() >= least
}

/// Whether each row is null or of the server whose row it is, with N entries.
fn square(config: &Config, matrix: &Matrix) -> bool {
    let mut rows = (1..).map(ReplicaId).zip(matrix.rows.iter());
    matrix.rows.len() == config.size()
        && rows.all(|(id, row)| {
            row.as_ref().is_none_or(|row| row.signer == id && row.body.vec.len() == config.size())
        })
}

/// Whether all are replicas.
fn known(config: &Config, ids: &BTreeSet<ReplicaId>) -> bool {
    ids.iter().all(|id| config.is_replica(*id))
}
