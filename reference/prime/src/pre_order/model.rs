//! The abstract state of pre-ordering: what contracts, oracles and recorded inputs speak of.
//!
//! It stays when another version takes the component's place. The reference works on it as it is.

use borsh::BorshSerialize;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{self, Write};
use std::ops::Deref;
use std::sync::Arc;
use wire::prime::{PoAck, PoAru, PoRequest, Prime, ProofMatrix};
use wire::{ClientId, ClientSeq, Digest, PoSeq, ReplicaId, Time, Update, Verified};

/// The effects of pre-ordering are those of Prime.
pub type Effects = wire::Effects<Prime>;

/// The order of PO-ARUs of report, Figure 1, definition 1. It is partial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub enum Relation {
    /// Equal in every entry: each is at least as up to date as the other.
    Same,
    /// The first is more up to date.
    Newer,
    /// The second is more up to date.
    Older,
    /// Neither is at least as up to date as the other.
    Inconsistent,
}

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
    fn serialize<W: Write>(&self, writer: &mut W) -> io::Result<()> {
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
    /// restart and `resume`) promised.
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
    /// Used by `covers` alone.
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
    /// The slot of (o, s), if anything is known of it.
    #[must_use]
    pub fn slot(&self, originator: ReplicaId, seq: PoSeq) -> Option<&PoSlot> {
        self.columns[originator.index()].slots.get(&seq)
    }
}
