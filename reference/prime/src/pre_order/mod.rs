//! Pre-ordering: every server disseminates its own clients' updates, and all of them
//! acknowledge what they hold (report, section 4.1, "Preordering Phase").
//!
//! Upon receiving an update from a client, the originator
//! - queues it ([`on_update`]) and, when its timer fires, sends what is queued as one PO-Request
//!   under its next preorder sequence number ([`make_po_request`]).
//!
//! Upon receiving a PO-Request (o, s) for the first time, a server
//! - logs it and acknowledges its digest once ([`on_po_request`], [`make_po_acks`]).
//!
//! Upon holding a preorder certificate (the request and enough matching PO-Acks, [`certificate`]),
//! - it extends the gap-free prefix `PO_Aru[o]` ([`advance_aru`]) and announces the vector in its
//!   next PO-ARU ([`make_po_aru`]).
//!
//! Upon receiving a PO-ARU, alone or as a row of a matrix,
//! - it keeps the most up-to-date one of each server ([`merge_row`]), and blacklists a server that
//!   signed two that contradict each other.
//!
//! Upon finding that its rows make something eligible that no Pre-Prepare covers,
//! - it sends them to the leader as a Proof-Matrix ([`make_proof_matrix`]).
//!
//! # Deviations from the report
//!
//! - PO-Requests carry batches, PO-Acks are aggregated.
//! - Certificates need Q - 1 acknowledgements beside the request, Q = 2f+k+1, from servers other
//!   than the originator, because k servers may be recovering.
//! - *Eligibility is not content.* The report binds an identifier to an update by the certificate
//!   but lets any held update be executed. A faulty originator can show one server A and the
//!   others B; so each server keeps at most two contents a slot and uses only the one whose digest
//!   is certified, here or by f+1 Reconciliation senders ([`adopt`]).
//! - An update may be preordered by several originators: that another's request with it is
//!   certified here does not mean that it will ever be eligible, so it is no reason to refuse a
//!   client. Execution sees to it that each update takes effect once.
//! - A server that lost its log may be convicted by a row that it forgot. `replica` takes it off the
//!   blacklist once its new life is ordered (`crate::rejoin`), and no slot does.
//! - Windows and the blacklist are local and enter no other server's decisions: a PO-ARU that runs
//!   ahead of our window is merged like any other.

mod adopt;
mod advance_aru;
mod certificate;
mod content;
mod covers;
mod has_news;
mod last_matrix;
mod make_po_acks;
mod make_po_aru;
mod make_po_request;
mod make_proof_matrix;
mod merge_row;
mod on_po_acks;
mod on_po_aru;
mod on_po_aru_conflict;
mod on_po_request;
mod on_po_request_conflict;
mod on_proof_matrix;
mod on_update;
mod recover;
mod recover_content;
mod recover_promises;
mod relation;
mod resume;
mod retire;
mod retransmit;

pub use adopt::adopt;
pub use advance_aru::advance_aru;
pub use certificate::certificate;
pub use content::content;
pub use covers::covers;
pub use has_news::has_news;
pub use last_matrix::last_matrix;
pub use make_po_acks::make_po_acks;
pub use make_po_aru::make_po_aru;
pub use make_po_request::make_po_request;
pub use make_proof_matrix::make_proof_matrix;
pub use merge_row::merge_row;
pub use on_po_acks::on_po_acks;
pub use on_po_aru::on_po_aru;
pub use on_po_aru_conflict::on_po_aru_conflict;
pub use on_po_request::on_po_request;
pub use on_po_request_conflict::on_po_request_conflict;
pub use on_proof_matrix::on_proof_matrix;
pub use on_update::on_update;
pub use recover::recover;
pub use recover_content::recover_content;
pub use recover_promises::recover_promises;
pub use relation::{Relation, relation};
pub use resume::resume;
pub use retire::retire;
pub use retransmit::retransmit;

use borsh::BorshSerialize;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{Result, Write};
use std::ops::Deref;
use std::sync::Arc;
use wire::prime::{PoAck, PoAru, PoRequest, Prime, ProofMatrix};
use wire::{ClientId, ClientSeq, Config, Digest, PoSeq, ReplicaId, Time, Update, Verified};

/// The effects of pre-ordering are those of Prime.
pub type Effects = wire::Effects<Prime>;

/// A PO-Request's body, held with or without the originator's signature. Cheap to clone.
#[derive(Clone, Debug)]
pub enum RequestBody {
    /// As the originator sent it.
    Signed(Verified<PoRequest>),
    /// As f+1 servers vouched for it, or as this server promised it.
    Vouched(Arc<PoRequest>),
}

impl Deref for RequestBody {
    type Target = PoRequest;

    fn deref(&self) -> &PoRequest {
        match self {
            Self::Signed(request) => request.body(),
            Self::Vouched(request) => request,
        }
    }
}

impl From<PoRequest> for RequestBody {
    fn from(request: PoRequest) -> Self {
        Self::Vouched(Arc::new(request))
    }
}

/// The content of a PO-Request, identified by the request's digest, which is all that two contents
/// are compared by.
#[derive(Clone, Debug)]
pub struct Content {
    /// Leaf digest of the PO-Request; binds originator, number and updates.
    pub digest: Digest,
    /// The request.
    pub body: RequestBody,
}

impl Content {
    /// The content of a request that its originator signed.
    #[must_use]
    pub fn of(request: &Verified<PoRequest>) -> Self {
        Self { digest: request.digest(), body: RequestBody::Signed(request.clone()) }
    }
}

impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for Content {}

impl BorshSerialize for Content {
    fn serialize<W: Write>(&self, writer: &mut W) -> Result<()> {
        self.digest.serialize(writer)
    }
}

/// What is known of one preorder identifier (o, s).
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct PoSlot {
    /// The PO-Request seen first. It is the one that this server acknowledged (unless this server
    /// is the originator, which acknowledges nothing of its own), and it never changes.
    pub request: Option<Verified<PoRequest>>,
    /// Content beside the first: certified, vouched for by f+1 servers, or (own requests, between
    /// restart and [`resume`]) promised.
    pub adopted: Option<Content>,
    /// PO-Acks by sender, one each, the first that came. Never the originator's.
    pub acks: BTreeMap<ReplicaId, Digest>,
    /// The digest that this identifier is bound to, once it is known. Never changes. When it is
    /// set, `request` or `adopted` has that digest.
    pub certified: Option<Digest>,
}

/// What is known of one originator.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Column {
    /// `PO_Aru[o]`: every (o, s) up to here is certified, content held. Never decreases.
    pub aru: PoSeq,
    /// Up to here slots were executed and dropped. At most `aru`. Never decreases.
    pub retired: PoSeq,
    /// Slots by number, all in `(retired, retired + windows.preorder]`.
    pub slots: BTreeMap<PoSeq, PoSlot>,
}

/// All that pre-ordering remembers.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct State {
    /// This server.
    pub me: ReplicaId,
    /// Updates of own clients that wait for a PO-Request, oldest first. At most
    /// `windows.pending`.
    pub pending: VecDeque<Verified<Update>>,
    /// Client numbers that are pending here or stand in a PO-Request of this server's own that was
    /// not retired yet: an update in this index is not originated again here.
    pub preordered: BTreeSet<(ClientId, ClientSeq)>,
    /// Number of the last PO-Request of one's own. Never decreases.
    pub last_own: PoSeq,
    /// Shape `[n]`, by originator.
    pub columns: Vec<Column>,
    /// `Last_PO_Aru`, shape `[n]`, by server: the most up-to-date PO-ARU of each.
    pub rows: Vec<Option<Verified<PoAru>>>,
    /// The last Proof-Matrix of each server, shape `[n]`.
    pub proof_matrices: Vec<Option<Verified<ProofMatrix>>>,
    /// Servers that signed two PO-ARUs of which neither is at least as up to date as the other.
    /// Used by [`covers`] alone.
    pub blacklist: BTreeSet<ReplicaId>,
    /// Originators that signed two PO-Requests under one number.
    pub equivocators: BTreeSet<ReplicaId>,
    /// Acknowledgements that are to go out with the next PO-Ack message, in the order made.
    pub unsent_acks: Vec<PoAck>,
    /// The vector of the last PO-ARU sent. Shape `[n]`. Never decreases in any entry.
    pub sent_aru: Vec<PoSeq>,
    /// When the next PO-Request may go out.
    pub next_request_at: Time,
    /// When the next PO-ARU may go out.
    pub next_aru_at: Time,
    /// When the next Proof-Matrix may go out; set while something is uncovered.
    pub proof_matrix_at: Option<Time>,
    /// When unfinished business is sent again.
    pub retransmit_at: Time,
    /// Shape `[n][n]`: by server, the vector of its row as of the last retransmission.
    pub retransmit_known: Vec<Vec<PoSeq>>,
}

impl State {
    /// Nothing known.
    #[must_use]
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        assert!(config.is_replica(me));
        Self {
            me,
            pending: VecDeque::new(),
            preordered: BTreeSet::new(),
            last_own: PoSeq(0),
            columns: vec![Column::default(); config.size()],
            rows: vec![None; config.size()],
            proof_matrices: vec![None; config.size()],
            blacklist: BTreeSet::new(),
            equivocators: BTreeSet::new(),
            unsent_acks: Vec::new(),
            sent_aru: vec![PoSeq(0); config.size()],
            next_request_at: Time(0),
            next_aru_at: Time(0),
            proof_matrix_at: None,
            retransmit_at: Time(0),
            retransmit_known: vec![vec![PoSeq(0); config.size()]; config.size()],
        }
    }

    /// `PO_Aru[]`. Shape `[n]`.
    #[must_use]
    pub fn aru(&self) -> Vec<PoSeq> {
        self.columns.iter().map(|column| column.aru).collect()
    }

    /// The slot of (o, s), if anything is known of it.
    #[must_use]
    pub fn slot(&self, originator: ReplicaId, seq: PoSeq) -> Option<&PoSlot> {
        self.columns[originator.index()].slots.get(&seq)
    }
}
