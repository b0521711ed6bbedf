//! Threshold signatures: Q replicas sign together, and one signature of one key shows it.
//!
//! Each replica signs with its share of a secret that nobody holds. Any Q shares of a signature
//! combine to the same signature, which verifies under the key of the whole cluster; fewer tell
//! nothing about it. Only clusters whose [`Config::proofs`](crate::Config::proofs) say so use them.
//!
//! As with other authenticators, the core sees none of the cryptography: the host endorses what it
//! signs ([`Signable::endorse`](crate::Signable::endorse)), and what comes from others is checked by
//! the [`Gate`](crate::Gate) before the core has it.

use crate::{Digest, ReplicaId};
use borsh::{BorshDeserialize, BorshSerialize};
use std::fmt;

/// A compressed point: a share of a signature, or a signature. What it means is the
/// [`ThresholdScheme`]'s business.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Point(pub [u8; 48]);

impl fmt::Debug for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "point:{:02x}{:02x}", self.0[0], self.0[1])
    }
}

/// "This point is so-and-so's share of the signature on this digest", or "the signature".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PointClaim {
    /// Whose share; `None` for the cluster's signature.
    pub by: Option<ReplicaId>,
    /// What is signed.
    pub digest: Digest,
    /// The evidence.
    pub point: Point,
}

/// Makes one replica's shares, combines and verifies those of all. A provider of the shared base.
///
/// Signatures are unique: on one digest there is one share of each replica and one signature of the
/// cluster, and every scheme of one cluster accepts these encodings and no others.
pub trait ThresholdScheme: Send + Sync {
    /// The share of the signature on `digest` of the replica that holds this scheme's secret.
    fn share(&self, digest: &Digest) -> Point;

    /// The cluster's signature on `digest`, made of shares of it that were verified, at most one of
    /// each replica. `None` if they are fewer than Q.
    fn combine(&self, digest: &Digest, shares: &[(ReplicaId, Point)]) -> Option<Point>;

    /// Whether `claim` holds. False for whoever has no share.
    fn verify(&self, claim: &PointClaim) -> bool;
}
