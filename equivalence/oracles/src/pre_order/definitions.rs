//! The definitions that several contracts of pre-ordering rest on (report, section 4.1 and
//! Figure 1), each as the set or the quantifier that it is.

use prime::pre_order::{PoSlot, Relation, State};
use wire::prime::{Matrix, PoRequest};
use wire::{ClientId, ClientSeq, Config, Digest, PoSeq, ReplicaId};

/// Pre-ordering's state, as other components' oracles name it.
pub(crate) type PreOrder = State;

/// A client's number: what the duplicates of an update are recognised by.
pub(super) type Number = (ClientId, ClientSeq);

/// What a vector says of `j`.
pub(super) fn entry(vector: &[PoSeq], j: ReplicaId) -> PoSeq {
    vector.get(j.index()).copied().unwrap_or_default()
}

/// Figure 1, definition 1: every entry of `first` is at least that of `second`. What a vector
/// lacks is zero.
pub(crate) fn at_least_as_up_to_date(first: &[PoSeq], second: &[PoSeq]) -> bool {
    (0..second.len()).map(ReplicaId::from_index).all(|j| entry(first, j) >= entry(second, j))
}

/// Figure 1, definition 1: how `first` stands to `second`.
pub(super) fn relation_of(first: &[PoSeq], second: &[PoSeq]) -> Relation {
    match (at_least_as_up_to_date(first, second), at_least_as_up_to_date(second, first)) {
        (true, true) => Relation::Same,
        (true, false) => Relation::Newer,
        (false, true) => Relation::Older,
        (false, false) => Relation::Inconsistent,
    }
}

/// Row `i` of a matrix; null and missing rows are empty, that is zeros.
pub(crate) fn row(matrix: &Matrix, i: usize) -> &[PoSeq] {
    matrix.rows.get(i).and_then(Option::as_ref).map_or(&[], |row| &row.body.vec)
}

/// Figure 1, definitions 2 and 3: the largest s such that
/// `|{i in R : acknowledged(i) >= s}| >= Q`, where `acknowledged` is one column.
pub(crate) fn eligible_of(config: &Config, acknowledged: impl Fn(ReplicaId) -> PoSeq) -> PoSeq {
    let proved =
        |s: PoSeq| config.replicas().filter(|&i| acknowledged(i) >= s).count() >= config.quorum();
    config.replicas().map(&acknowledged).filter(|&s| proved(s)).max().unwrap_or_default()
}

/// The contents that a slot holds, under their digests: at most two.
pub(super) fn held(slot: &PoSlot) -> impl Iterator<Item = (Digest, &PoRequest)> {
    let first = slot.request.as_ref().map(|request| (request.digest(), request.body()));
    let other = slot.adopted.as_ref().map(|content| (content.digest, &*content.body));
    first.into_iter().chain(other)
}

/// Distinct servers other than `originator` that acknowledged `digest`.
pub(super) fn votes(originator: ReplicaId, slot: &PoSlot, digest: Digest) -> usize {
    slot.acks.iter().filter(|&(&i, &named)| i != originator && named == digest).count()
}

/// The digest of which `slot` holds a preorder certificate (4.1): the request and Q - 1 matching
/// PO-Acks; the least such digest.
pub(super) fn certificate_of(
    config: &Config,
    originator: ReplicaId,
    slot: &PoSlot,
) -> Option<Digest> {
    let digests = held(slot).map(|(digest, _)| digest);
    let enough = |d: &Digest| votes(originator, slot, *d) >= config.votes_beside_proposer();
    slot.certified.or_else(|| digests.filter(enough).min())
}

/// The content that may be executed: the one whose digest is certified.
pub(crate) fn content_of(slot: &PoSlot) -> Option<(Digest, &PoRequest)> {
    let certified = slot.certified?;
    held(slot).find(|&(digest, _)| digest == certified)
}

/// (client, number) of every update in a request.
pub(super) fn numbers(request: &PoRequest) -> impl Iterator<Item = Number> {
    request.updates.iter().map(|update| (update.signer, update.body.seq))
}
