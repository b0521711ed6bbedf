//! Threshold signatures: Q replicas sign together, and one signature of one key shows it.
//!
//! Each replica signs with its share of a secret that nobody holds. Any Q shares of a signature
//! combine to the same signature, which verifies under the key of the whole cluster; fewer tell
//! nothing about it. Only clusters whose [`Config::proofs`](crate::Config::proofs) say so use them.
//!
//! As with other authenticators, the core sees none of the cryptography: the host endorses what it
//! signs ([`crate::Signable::endorse`]), and what comes from others is checked by
//! the [`Gate`](crate::Gate) before the core has it.

use crate::{Digest, ReplicaId, codec};
use borsh::{BorshDeserialize, BorshSerialize};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

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

/// Spread by the digest alone, which few claims share.
impl std::hash::Hash for PointClaim {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
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

/// Bytes of a key: a compressed point.
pub const KEY: usize = 96;

/// What everybody knows of one dealing.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Keys {
    /// Verifies the cluster's signatures.
    pub group: [u8; KEY],
    /// Verify the shares, by whose they are: of replicas 1 to n.
    pub shares: BTreeMap<ReplicaId, [u8; KEY]>,
}

/// What comes of dealing.
#[derive(Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Dealt {
    /// For everybody.
    pub keys: Keys,
    /// For each replica alone.
    pub secrets: BTreeMap<ReplicaId, [u8; 32]>,
}

impl fmt::Debug for Dealt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dealt {{ keys: {:?}, secrets: .. }}", self.keys)
    }
}

impl Dealt {
    /// The way from the dealer's program to who asked it: hexadecimal digits.
    #[must_use]
    pub fn to_text(&self) -> String {
        codec::encode(self).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The opposite of [`Dealt::to_text`]; `None` for any other text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let digits = text.as_bytes().chunks(2).map(|pair| {
            let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
            u8::from_str_radix(pair, 16).ok()
        });
        codec::decode(&digits.collect::<Option<Vec<u8>>>()?).ok()
    }
}

/// What a replica's program makes its [`ThresholdScheme`] with.
pub trait Provider {
    /// The scheme of replica `me`, whose share of the secret is `secret`, where any `quorum` replicas
    /// can sign.
    ///
    /// # Errors
    /// A sentence: keys or secret are none, or do not belong together; or this program has no such
    /// scheme.
    fn open(
        &self,
        keys: &Keys,
        quorum: usize,
        me: ReplicaId,
        secret: &[u8; 32],
    ) -> Result<Arc<dyn ThresholdScheme>, String>;
}
