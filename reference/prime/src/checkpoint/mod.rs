//! Checkpoints: servers agree on what their state was after every so many numbers, forget what
//! that covers, and hand it to those who need it.
//!
//! Upon executing a number that is a multiple of `windows.checkpoint`, a server
//! - encodes its replicated state ([`Contents`]), cuts it into chunks under a Merkle root
//!   ([`cut`]), keeps it, and vouches for its name in a Checkpoint ([`take`], [`make_checkpoint`]).
//!
//! Upon a Checkpoint of each of Q servers for its own state ([`on_checkpoint`], [`settle`]),
//! - the state is *stable*: whoever asks for what came before can be given the state itself, with
//!   the votes as proof ([`make_checkpoint_proof`]), and the log may begin with it ([`log`]).
//!
//! Upon such a proof, with f+1 votes or more, of a state beyond what it executed, a server
//! - asks several servers in turn for the chunks ([`on_checkpoint_proof`],
//!   [`make_state_requests`], [`on_state_request`], [`on_state_chunk`]) and hands the whole, once
//!   it is there, to whoever joins the components ([`assemble`], [`open`]), unless its own execution
//!   has reached that number by then: a state at or below what was executed is never adopted, or
//!   replies and votes given would be taken back.
//!
//! Upon adopting a state,
//! - the caller puts it into `marks` with its proof, as stable and on offer, logs proof and chunks
//!   (`Persist` as `Promise`, before anything that rests on the state is said: own rows, votes,
//!   Reports and replies do) and sets `due`.
//!
//! Upon restarting,
//! - it reads the state back from the first records of its log ([`recover`]).
//!
//! # The state
//!
//! [`Contents`] has what is equal at all correct servers that executed equally far, and nothing
//! else: no signature (servers may hold different authenticators of one row), nothing of views or
//! certificates, no time. The signed rows of the preceding matrix travel with the proof and are
//! held against the vectors in the state.
//!
//! # What is kept
//!
//! The bytes of two states at most: the one that others may be fetching, and a newer one. The
//! first is given up when nobody has asked for a while, or when it lags too far; until then it
//! stays, or a server that fetches slowly would chase a state that is always gone. (One that asks for
//! a chunk now and then, and means nothing by it, makes everybody keep [`MAX_LAG`] intervals.)
//! What is shown of single numbers lasts up to `floor`, whatever shows them: certificates
//! (`catch_up`), install certificates (`view_change`), contents (`recon`). Whoever has executed less
//! is shown the state on offer.
//!
//! # What it costs
//!
//! All of it runs where the core runs, at each checkpoint. For a key-value store of 100,000 keys of
//! 16 bytes with values of 100, a state of 12.6 MB in 193 chunks, on a shared machine of two cores:
//! the service's snapshot 19 ms, encoding 13 ms, cutting and hashing 23 ms, so 55 ms in 256 numbers;
//! at a restart, decoding 23 ms and the service's restoring 147 ms. Each is linear in the state's
//! length. Measured by `cargo run --release -p prime --example checkpoint_cost -- 100000`.
//!
//! # Deviations from the report
//!
//! The report has no checkpoints; its servers keep everything.

mod assemble;
mod covers;
mod cut;
mod journal;
mod log;
mod make_checkpoint;
mod make_checkpoint_proof;
mod make_state_requests;
mod on_checkpoint;
mod on_checkpoint_proof;
mod on_state_chunk;
mod on_state_request;
mod open;
mod outdated;
mod recover;
mod settle;
mod take;

pub use assemble::assemble;
pub use covers::covers;
pub use cut::cut;
pub use journal::Journal;
pub(crate) use journal::forget_repeats;
pub use log::{chunk_records, log};
pub use make_checkpoint::make_checkpoint;
pub use make_checkpoint_proof::make_checkpoint_proof;
pub use make_state_requests::make_state_requests;
pub use on_checkpoint::on_checkpoint;
pub use on_checkpoint_proof::on_checkpoint_proof;
pub use on_state_chunk::on_state_chunk;
pub use on_state_request::on_state_request;
pub use open::open;
pub use outdated::outdated;
pub use recover::recover;
pub use settle::settle;
pub use take::take;

pub use crate::pre_order::Effects;
use borsh::{BorshDeserialize, BorshSerialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{Result, Write};
use std::sync::Arc;
use wire::prime::{
    Body, CHUNK, Checkpoint, CheckpointProof, Matrix, PoAru, Prime, RbInit, StateId,
};
use wire::{Config, Digest, List, PoSeq, Record, ReplicaId, Seq, Time, Verified, merkle};

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

/// The leaf of a chunk in the Merkle tree: its digest under the domain `patchy state chunk 1`.
#[must_use]
pub fn chunk_leaf(chunk: &[u8]) -> Digest {
    Digest::of("patchy state chunk 1", chunk)
}

/// How many nodes the path of each chunk of `state` has: the least d with 2^d at least
/// `StateId::chunks`.
#[must_use]
pub fn path_length(state: &StateId) -> usize {
    state.chunks().next_power_of_two().ilog2() as usize
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
    /// Chunk `index` of the bytes, from 0: see [`cut`]; empty beyond the end.
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
    fn serialize<W: Write>(&self, writer: &mut W) -> Result<()> {
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
    fn serialize<W: Write>(&self, writer: &mut W) -> Result<()> {
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

impl State {
    /// Nothing known.
    #[must_use]
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        let rows = List::new(vec![None; config.size()]).expect("n is at most MAX_REPLICAS");
        Self {
            me,
            preceding: Matrix { rows },
            marks: BTreeMap::new(),
            stable: Seq(0),
            offered: Seq(0),
            asked_at: None,
            floor: Seq(0),
            votes: vec![BTreeMap::new(); config.size()],
            retransmit_at: Time(0),
            shown: vec![None; config.size()],
            given: vec![(Time(0), 0); config.size()],
            transfer: None,
            journal: Journal::default(),
            due: false,
            logged: Seq(0),
            entered: 0,
        }
    }

    /// Adds a record of the log at the end of `journal`. If it is a promised RbInit numbered 0, a view
    /// was entered: `entered` grows by one (not beyond the highest number).
    pub fn remember(&mut self, record: Record<Prime>) {
        if let Record::Promise(Body::RbInit(RbInit { seq: 0, .. })) = &record {
            self.entered = self.entered.saturating_add(1);
        }
        self.journal.0.push(record);
    }

    /// How many marks hold the bytes of their states.
    #[must_use]
    pub fn snapshots(&self) -> usize {
        self.marks.values().filter(|mark| mark.snapshot.is_some()).count()
    }
}

/// Whether a checkpoint is due at `seq`: it is above 0 and a multiple of `windows.checkpoint`.
#[must_use]
pub fn is_due(config: &Config, seq: Seq) -> bool {
    seq > Seq(0) && seq.0.is_multiple_of(config.windows.checkpoint)
}
