//! The abstract state of broadcasting: what contracts, oracles and recorded inputs speak of.
//!
//! It stays when another version takes the component's place. The reference works on it as it is.

use borsh::BorshSerialize;
use std::collections::BTreeMap;
use wire::prime::{Prime, RbInit};
use wire::{Digest, ReplicaId, Time, Verified, View};

/// The effects of broadcasting are those of Prime.
pub type Effects = wire::Effects<Prime>;

/// How many views above the preinstalled one are counted already.
pub const AHEAD: u64 = 1;

/// Up to which number an originator's broadcasts are taken before any Report of it is held.
pub const UNANNOUNCED: u32 = 64;

/// Most Inits passed on to one server in `timing.retransmit`.
pub const ANSWERS: u32 = 64;

/// Names one broadcast. Ordered by view first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub struct Tag {
    /// The preinstalled view.
    pub view: View,
    /// Whose broadcast.
    pub originator: ReplicaId,
    /// Which of the originator's in that view, from 0. At most `MAX_REPLAY`.
    pub seq: u32,
}

/// What is known of one broadcast.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Instance {
    /// The Init that came first, or the decided one once it came.
    pub init: Option<Verified<RbInit>>,
    /// Digests echoed, by sender, one each, the first that came.
    pub echoes: BTreeMap<ReplicaId, Digest>,
    /// Digests in Readys, by sender, one each, the first that came.
    pub readies: BTreeMap<ReplicaId, Digest>,
    /// What this server's Echo was promised for.
    pub echoed: Option<Digest>,
    /// What this server's Ready was promised for.
    pub readied: Option<Digest>,
    /// What Q Readys name. Never changes.
    pub decided: Option<Digest>,
    /// Whether it was delivered; then `init` has the decided digest.
    pub delivered: bool,
}

/// All that broadcasting remembers.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct State {
    /// This server.
    pub me: ReplicaId,
    /// The preinstalled view; 0, in which nothing is broadcast, at first.
    pub view: View,
    /// Broadcasts of views `view` to `view + AHEAD`, none of which numbers above its originator's
    /// allowance at the time it came.
    pub instances: BTreeMap<Tag, Instance>,
    /// Delivered and not yet taken, in the order of delivery.
    pub fresh: Vec<Tag>,
    /// Own Inits that the log promised. Filled by `recover`, emptied by `resume`.
    pub promised: BTreeMap<u32, RbInit>,
    /// When the count of Inits passed on began, and the count (0: there is none), by receiver. Shape
    /// `[n]`.
    pub answered: Vec<(Time, u32)>,
    /// When unfinished broadcasts are said again.
    pub retransmit_at: Time,
    /// After which tag saying again goes on.
    pub cursor: Option<Tag>,
}
