//! The abstract state of checkpoints: what contracts, oracles and recorded inputs speak of.
//!
//! It stays when another version takes the component's place. The reference works on it as it is.

use borsh::{BorshDeserialize, BorshSerialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;
use wire::machine::Protocol;
use wire::prime::{CHUNK, Checkpoint, CheckpointProof, Matrix, PoAru, Prime, StateId};
use wire::{Digest, PoSeq, Record, ReplicaId, Seq, Time, Verified, merkle};

/// The effects of checkpoints are those of Prime.
pub type Effects = wire::Effects<Prime>;

/// Checkpoints of one sender that are held.
pub const MAX_VOTES: usize = 4;

/// States whose bytes are held.
pub const MAX_SNAPSHOTS: usize = 2;

/// Intervals that the state on offer may lag behind the newest stable one.
pub const MAX_LAG: u64 = 16;

/// Periods of `timing.retransmit` after which a state that nobody asks for gives way to a newer.
pub const PATIENCE: u64 = 10;

/// Views that a server may enter before its log begins anew without what the changes to them left
/// behind, although no checkpoint became stable.
pub const MAX_ENTERED: u64 = 16;

/// Chunks that are asked for at a time.
pub const MAX_OUTSTANDING: usize = 16;

/// Chunks that one server is given within `timing.retransmit`.
pub const MAX_CHUNKS: u32 = 64;

/// The replicated state: what a checkpoint is about. Its encoding (borsh) is canonical.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Contents {
    /// Of the cluster; see [`wire::Config::cluster`].
    pub cluster: Digest,
    /// Of membership and keys; see [`wire::Config::epoch`].
    pub epoch: u32,
    /// (n, f, k).
    pub membership: (u16, u16, u16),
    /// The last number executed.
    pub seq: Seq,
    /// Signers and vectors of the matrix of the last number up to `seq` that is no no-op; N rows,
    /// all null before the first.
    pub preceding: Vec<Option<(ReplicaId, PoAru)>>,
    /// Prefix and client tables, as `execute::snapshot` gives them.
    pub tables: Vec<u8>,
    /// As the service gives it.
    pub service: Vec<u8>,
}

impl Contents {
    /// Whether these are the rows of `preceding`, signatures aside.
    #[must_use]
    pub fn names(&self, matrix: &Matrix) -> bool {
        vectors(matrix) == self.preceding
    }
}

/// The rows of a matrix without their signatures.
#[must_use]
pub fn vectors(matrix: &Matrix) -> Vec<Option<(ReplicaId, PoAru)>> {
    let row =
        |row: &Option<wire::Signed<PoAru>>| row.as_ref().map(|row| (row.signer, row.body.clone()));
    matrix.rows.iter().map(row).collect()
}

/// A state in chunks, ready to be handed out. Cheap to clone. Equal when root and length are.
#[derive(Clone)]
pub struct Snapshot {
    /// Its encoding.
    pub bytes: Arc<[u8]>,
    /// Over the leaves of its chunks.
    pub tree: Arc<merkle::Tree>,
}

impl Snapshot {
    /// Chunk `index` of the bytes, from 0: see `checkpoint.cut`; empty beyond the end.
    #[must_use]
    pub fn chunk(&self, index: u32) -> &[u8] {
        let start = (index as usize).saturating_mul(CHUNK).min(self.bytes.len());
        &self.bytes[start..self.bytes.len().min(start + CHUNK)]
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes under {:?}", self.bytes.len(), self.tree.root())
    }
}

impl PartialEq for Snapshot {
    fn eq(&self, other: &Self) -> bool {
        self.bytes.len() == other.bytes.len() && self.tree.root() == other.tree.root()
    }
}

impl Eq for Snapshot {}

/// The root stands for the bytes.
impl BorshSerialize for Snapshot {
    fn serialize<W: Write>(&self, writer: &mut W) -> io::Result<()> {
        (self.tree.root(), self.bytes.len() as u64).serialize(writer)
    }
}

/// A checkpoint of one's own.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Mark {
    /// Its name.
    pub state: StateId,
    /// What was executed, by originator. Shape `[n]`.
    pub prefix: Vec<PoSeq>,
    /// The preceding matrix, signed.
    pub preceding: Matrix,
    /// Its bytes, unless they were given up.
    pub snapshot: Option<Snapshot>,
    /// Why it is stable, once it is.
    pub proof: Option<CheckpointProof>,
}

/// Chunks of a state, by index. Equal when they are of the same indices: each was checked.
#[derive(Clone, Debug, Default)]
pub struct Chunks(pub BTreeMap<u32, Vec<u8>>);

impl PartialEq for Chunks {
    fn eq(&self, other: &Self) -> bool {
        self.0.keys().eq(other.0.keys())
    }
}

impl Eq for Chunks {}

impl BorshSerialize for Chunks {
    fn serialize<W: Write>(&self, writer: &mut W) -> io::Result<()> {
        self.0.keys().copied().collect::<Vec<u32>>().serialize(writer)
    }
}

/// A state that is being fetched.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Transfer {
    /// Which.
    pub proof: CheckpointProof,
    /// Signed preceding matrices, by whoever sent them with a proof; the right one is known when
    /// the state is. At most n.
    pub matrices: BTreeMap<ReplicaId, Matrix>,
    /// What is here. At most `StateId::chunks`.
    pub chunks: Chunks,
    /// What was asked of whom, and when. At most [`MAX_OUTSTANDING`].
    pub asked: BTreeMap<u32, (ReplicaId, Time)>,
    /// What was asked for in vain.
    pub again: BTreeSet<u32>,
    /// The lowest chunk not asked for yet.
    pub next: u32,
    /// Whose turn it is.
    pub turn: usize,
    /// Servers that let a request lapse and gave nothing since.
    pub slow: BTreeSet<ReplicaId>,
    /// Servers that sent a wrong chunk: not asked again.
    pub liars: BTreeSet<ReplicaId>,
    /// When something right came last, or the transfer began.
    pub progress_at: Time,
}

impl Transfer {
    /// Begins at `now` with nothing.
    #[must_use]
    pub fn new(proof: CheckpointProof, now: Time) -> Self {
        Self {
            proof,
            matrices: BTreeMap::new(),
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

    /// Which state.
    #[must_use]
    pub fn state(&self) -> StateId {
        self.proof.checkpoints.first().expect("a proof has a vote").body.state
    }
}

/// All that checkpoints remember.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct State {
    /// This server.
    pub me: ReplicaId,
    /// The matrix of the last number executed that is no no-op; N null rows before the first.
    pub preceding: Matrix,
    /// Own checkpoints, by number, from `floor` on. The bytes of at most [`MAX_SNAPSHOTS`].
    pub marks: BTreeMap<Seq, Mark>,
    /// The highest of one's own checkpoints that is stable, 0 if none. Never decreases.
    pub stable: Seq,
    /// The stable checkpoint that others may fetch, 0 if none: bytes and proof are held.
    pub offered: Seq,
    /// When somebody asked for a chunk of it last, if ever.
    pub asked_at: Option<Time>,
    /// What was executed up to here may be forgotten: a checkpoint of one's own that is at most
    /// `offered`, and an interval below `stable`, or 0. Never decreases.
    pub floor: Seq,
    /// Checkpoints of each server (shape `[n]`), by number, above `stable`. At most [`MAX_VOTES`]
    /// each, the newest.
    pub votes: Vec<BTreeMap<Seq, Verified<Checkpoint>>>,
    /// When one's own newest vote is said again.
    pub retransmit_at: Time,
    /// When each server was last shown a proof. Shape `[n]`.
    pub shown: Vec<Option<Time>>,
    /// Since when, and how many, chunks each server was given; a count of 0 is no period. Shape `[n]`.
    pub given: Vec<(Time, u32)>,
    /// What is being fetched, or read from the log.
    pub transfer: Option<Transfer>,
    /// What the log holds beside the state that it begins with.
    pub journal: Journal,
    /// Whether the log may be rewritten to begin with the state of `logged`.
    pub due: bool,
    /// The newest stable checkpoint with which the log was begun, 0 if none.
    pub logged: Seq,
    /// How many views this server entered since the log was last begun anew.
    pub entered: u64,
}

/// The records of the log that no stable checkpoint covers yet, in the order written.
///
/// Kept so that the log can be begun anew with exactly what was promised, whoever promised it.
/// Messages share their bytes with the other components. What is kept grows with what is ordered and
/// with the views that are installed between two stable checkpoints; of view changes that lead nowhere
/// and of PO-ARUs only the last is kept for long (see [`log`](super::log)), and of what each of these
/// changes rests on one copy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Journal(pub Vec<Record<Prime>>);

impl Eq for Journal {}

impl BorshSerialize for Journal {
    fn serialize<W: Write>(&self, writer: &mut W) -> io::Result<()> {
        (self.0.len() as u64).serialize(writer)?;
        self.0.iter().try_for_each(|record| match record {
            Record::Promise(body) => (0u8, body).serialize(writer),
            Record::Held(message) => (1u8, Prime::digest(message)).serialize(writer),
        })
    }
}
