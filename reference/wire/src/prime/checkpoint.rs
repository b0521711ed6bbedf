//! The messages of checkpoints and state transfer.
//!
//! A checkpoint is named by the Merkle root over the chunks of its encoding, so each chunk is
//! checked by itself and may come from anybody.

use super::messages::{Matrix, PoAru, has_inner, has_rows};
use crate::auth::{AuthError, Claims, Context};
use crate::config::MAX_REPLICAS;
use crate::{Blob, Digest, List, ReplicaId, Seq, Signable, Signed, Verified, merkle};
use borsh::{BorshDeserialize, BorshSerialize};

/// Bytes in each chunk of a checkpoint but the last.
pub const CHUNK: usize = 64 << 10;

/// Which state: equal at all correct servers that executed equally far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct StateId {
    /// The last number executed.
    pub seq: Seq,
    /// Merkle root over the chunks.
    pub root: Digest,
    /// Length of the encoding. Unit: bytes.
    pub length: u64,
}

impl StateId {
    /// How many chunks there are.
    #[must_use]
    pub fn chunks(&self) -> u64 {
        self.length.div_ceil(CHUNK as u64).max(1)
    }
}

/// Checkpoint: the signer executed up to a number and its state was this.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Checkpoint {
    /// What is vouched for.
    pub state: StateId,
}

impl Signable for Checkpoint {
    type Signer = ReplicaId;
    const KIND: u16 = 52;
}

/// Checkpoint-Proof: f+1 (to adopt) or Q (stable) equal Checkpoints, and the signed rows of the
/// preceding matrix, of which the state itself names signers and vectors only.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct CheckpointProof {
    /// Ascending by signer, all for one state.
    pub checkpoints: List<Signed<Checkpoint>, MAX_REPLICAS>,
    /// The matrix of the last number at or below that is no no-op.
    pub preceding: Matrix,
}

impl Signable for CheckpointProof {
    type Signer = ReplicaId;
    const KIND: u16 = 53;

    fn inner_claims(&self, context: &Context, claims: &mut Claims) -> Result<(), AuthError> {
        self.checkpoints.iter().try_for_each(|vote| vote.claims(context, claims).map(drop))?;
        self.preceding.claims(context, claims)
    }
}

impl Verified<CheckpointProof> {
    has_inner!(checkpoints: Checkpoint, "The Checkpoints, verified with the proof.");
}

has_rows!(CheckpointProof, preceding);

/// State-Request: the signer wants one chunk.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct StateRequest {
    /// Of which state.
    pub state: StateId,
    /// Which chunk, from 0.
    pub index: u32,
}

impl Signable for StateRequest {
    type Signer = ReplicaId;
    const KIND: u16 = 54;
}

/// State-Chunk: one chunk with its way to the root.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct StateChunk {
    /// Of which state.
    pub state: StateId,
    /// Which chunk, from 0.
    pub index: u32,
    /// The chunk.
    pub bytes: Blob<CHUNK>,
    /// From the chunk to the root.
    pub path: merkle::Path,
}

impl Signable for StateChunk {
    type Signer = ReplicaId;
    const KIND: u16 = 55;
}
