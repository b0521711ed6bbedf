//! What clients and replicas say to each other. No protocol is named here.

use crate::{Blob, ClientId, ClientSeq, ReplicaId, Signable};
use borsh::{BorshDeserialize, BorshSerialize};

/// Largest payload of an update and largest result. Unit: bytes.
pub const MAX_PAYLOAD: usize = 64 << 10;

/// An operation that a client wants executed once, in one order, everywhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Update {
    /// The client's own count; each number is executed at most once.
    pub seq: ClientSeq,
    /// What the service is asked to do.
    pub payload: Blob<MAX_PAYLOAD>,
}

impl Signable for Update {
    type Signer = ClientId;
    const KIND: u16 = 1;
}

/// A replica's answer. Equal (client, seq, result) from f+1 replicas is the answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Reply {
    /// Who asked.
    pub client: ClientId,
    /// Which of its updates.
    pub seq: ClientSeq,
    /// What the service answered, or why the update was refused.
    pub result: Outcome,
}

/// What came of an update; decided at execution, alike at every correct replica.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Outcome {
    /// The service's answer.
    Done(Blob<MAX_PAYLOAD>),
    /// The number lies beyond the client's window: nothing was executed.
    BeyondWindow,
    /// The number was executed so long ago that its answer is no longer kept.
    Forgotten,
}

impl Signable for Reply {
    type Signer = ReplicaId;
    const KIND: u16 = 2;
}
