//! The definitions that several contracts of checkpoints rest on.

use crate::effects::Order;
use crate::expected::Expected;
use crate::{Finding, answer};
use prime::checkpoint::{Chunks, Mark, Snapshot, State, Transfer};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use wire::merkle::Tree;
use wire::prime::{CHUNK, Checkpoint, CheckpointProof, Matrix, Prime, StateChunk, StateId};
use wire::{Blob, Digest, Effect, ReplicaId, Seq, Time, Verified};

/// Snapshots held at most.
pub(super) const MAX_SNAPSHOTS: usize = 2;

/// The leaf of a chunk.
pub(super) fn leaf(chunk: &[u8]) -> Digest {
    Digest::of("patchy state chunk 1", chunk)
}

/// How many chunks a state of that name has: an empty one has one.
pub(super) fn chunks(state: &StateId) -> u64 {
    let size = u64::try_from(CHUNK).expect("a chunk is small");
    state.length.div_ceil(size).max(1)
}

/// How deep the tree over a state's chunks is: the least d with 2^d of them.
pub(super) fn depth(state: &StateId) -> usize {
    (0..64).find(|d| 1 << d >= chunks(state)).unwrap_or(64)
}

/// The bytes in chunks, and their name.
pub(super) fn cut(seq: Seq, bytes: &[u8]) -> (StateId, Snapshot) {
    let leaves =
        if bytes.is_empty() { vec![leaf(&[])] } else { bytes.chunks(CHUNK).map(leaf).collect() };
    let tree = Tree::new(leaves);
    let length = u64::try_from(bytes.len()).expect("a length fits");
    let name = StateId { seq, root: tree.root(), length };
    (name, Snapshot { bytes: bytes.into(), tree: Arc::new(tree) })
}

/// Whether two snapshots are of the same bytes, in trees of the same shape: `==` looks at root and
/// length alone.
pub(super) fn same_bytes(one: &Snapshot, other: &Snapshot) -> bool {
    let shape = |of: &Snapshot| (of.tree.root(), of.tree.path(0).len());
    (Arc::ptr_eq(&one.bytes, &other.bytes) || one.bytes == other.bytes)
        && shape(one) == shape(other)
}

/// Chunk `index` of a state as it is sent.
pub(super) fn chunk(state: StateId, snapshot: &Snapshot, index: u32) -> StateChunk {
    let place = usize::try_from(index).expect("an index fits");
    let bytes = snapshot.bytes.chunks(CHUNK).nth(place).unwrap_or_default();
    let bytes = Blob::new(bytes.to_vec()).expect("a chunk is no longer than a chunk");
    StateChunk { state, index, bytes, path: snapshot.tree.path(place) }
}

/// Which state a proof is of, if it names one.
pub(super) fn named(proof: &CheckpointProof) -> Option<StateId> {
    proof.checkpoints.first().map(|vote| vote.body.state)
}

/// What is being fetched, and its name.
pub(super) fn fetched(state: &State) -> Option<(StateId, &Transfer)> {
    let transfer = state.transfer.as_ref()?;
    Some((named(&transfer.proof)?, transfer))
}

/// Nothing is here or asked for yet.
pub(super) fn begun(
    proof: CheckpointProof,
    matrices: BTreeMap<ReplicaId, Matrix>,
    now: Time,
) -> Transfer {
    Transfer {
        proof,
        matrices,
        chunks: Chunks::default(),
        asked: BTreeMap::new(),
        again: BTreeSet::new(),
        next: 0,
        turn: 0,
        slow: BTreeSet::new(),
        liars: BTreeSet::new(),
        progress_at: now,
    }
}

/// Who vouches for a state, ascending.
pub(super) fn votes(state: &State, of: StateId) -> Vec<&Verified<Checkpoint>> {
    let votes = state.votes.iter().filter_map(|votes| votes.get(&of.seq));
    votes.filter(|vote| vote.body().state == of).collect()
}

/// The newest stable mark whose bytes are held.
pub(super) fn newest(state: &State) -> Option<&Mark> {
    let stable = |mark: &&Mark| mark.state.seq <= state.stable && mark.proof.is_some();
    state.marks.values().filter(stable).rfind(|mark| mark.snapshot.is_some())
}

/// Holds an outcome against what is expected, with the bytes that `==` passes over.
pub(super) fn judge(
    expected: &Expected<'_, State>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    expected.judge(after, Order::Fixed, effects)?;
    bytes(expected, after)
}

/// The chunks that came.
fn here(state: &State) -> Option<&BTreeMap<u32, Vec<u8>>> {
    state.transfer.as_ref().map(|transfer| &transfer.chunks.0)
}

fn bytes(expected: &Expected<'_, State>, after: &State) -> Result<(), Finding> {
    let rule = expected.rule("transfer.chunks");
    if here(&expected.state) != here(after) {
        return answer(&rule, &"the chunks that came", &"others");
    }
    for (seq, mark) in &expected.state.marks {
        let got = after.marks.get(seq).and_then(|mark| mark.snapshot.as_ref());
        let same = match (&mark.snapshot, got) {
            (Some(wanted), Some(got)) => same_bytes(wanted, got),
            (wanted, got) => wanted.is_none() == got.is_none(),
        };
        let rule = expected.rule(&format!("marks.{seq:?}.snapshot.bytes"));
        answer(&rule, &true, &same)?;
    }
    Ok(())
}
