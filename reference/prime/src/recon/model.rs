//! The abstract state of reconciliation: what contracts, oracles and recorded inputs speak of.
//!
//! It stays when another version takes the component's place. The reference works on it as it is.

use crate::pre_order::Content;
use borsh::BorshSerialize;
use std::collections::{BTreeMap, BTreeSet};
use wire::prime::{MAX_BATCH, MAX_BATCH_BYTES, MAX_PART, Prime, Recon};
use wire::{PoSeq, ReplicaId, Time, Verified, merkle};

/// The effects of reconciliation are those of Prime.
pub type Effects = wire::Effects<Prime>;

/// A preorder identifier (o, s).
pub type Identifier = (ReplicaId, PoSeq);

/// Most bytes that the encoding of one update adds to its payload: signer, number, count,
/// signature, index, and a path of the greatest depth with its count.
pub const MAX_UPDATE_OVERHEAD: usize = 4 + 8 + 4 + 64 + 4 + 4 + 32 * merkle::MAX_DEPTH;

/// Longest encoding of the body of an acceptable PO-Request. Unit: bytes.
pub const MAX_BODY: usize = 8 + 4 + MAX_BATCH * MAX_UPDATE_OVERHEAD + MAX_BATCH_BYTES;

// Even uncut, as with f = 0, a body fits into one part.
const _: () = assert!(MAX_BODY <= MAX_PART);

/// Most identifiers that are asked for at once.
pub const MAX_WANTED: usize = 64;

/// Most answers to one requester within `timing.retransmit`.
pub const MAX_ANSWERS: usize = 256;

/// Most bytes of parts that one requester is given within `timing.retransmit`. Room for any part.
pub const MAX_ANSWER_BYTES: u64 = 4 << 20;

const _: () = assert!(MAX_PART as u64 <= MAX_ANSWER_BYTES);

/// Most parts of one sender that are held unless they are wanted.
pub const MAX_HELD: usize = 1024;

/// Most bytes of parts of one sender that are held unless they are wanted.
pub const MAX_HELD_BYTES: usize = 8 << 20;

/// All that reconciliation remembers.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct State {
    /// This server.
    pub me: ReplicaId,
    /// To whom the own part of an identifier went at first sight of a Pre-Prepare. Keys are slots
    /// of pre-ordering with certified content, at most `n * 2 * windows.preorder` of them while
    /// execution keeps up; dropped when executed. At most n - 1 receivers each.
    pub sent: BTreeMap<Identifier, BTreeSet<ReplicaId>>,
    /// Executed content by identifier, until a stable checkpoint covers it: nothing can be dropped
    /// before without leaving a slow server behind for good.
    pub archive: BTreeMap<Identifier, Content>,
    /// Parts by sender (shape `[n]`) and identifier. Each sender has at most [`MAX_HELD`] parts
    /// and [`MAX_HELD_BYTES`] bytes here, and beyond that only parts that were in `want` when they
    /// came.
    pub parts: Vec<BTreeMap<Identifier, Verified<Recon>>>,
    /// What execution is blocked on, and when it may be asked for again. At most [`MAX_WANTED`].
    pub want: BTreeMap<Identifier, Time>,
    /// When a requester was answered about an identifier, and with a part of how many bytes, by
    /// requester (shape `[n]`). At most [`MAX_ANSWERS`] and [`MAX_ANSWER_BYTES`] each; older than
    /// `timing.retransmit` means forgettable.
    pub answered: Vec<BTreeMap<Identifier, (Time, u64)>>,
}
