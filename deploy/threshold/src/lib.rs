//! Threshold signatures by BLS over the curve BLS12-381: a share and a signature are points of G1
//! (48 bytes), keys are points of G2 (96 bytes).
//!
//! The secret is a polynomial's value at 0, and replica i's share of it the value at i (Shamir). A
//! share of a signature is an ordinary signature by the share of the secret, and Q of them, weighed
//! as their places ask for (Lagrange), add up to the signature by the secret. Which Q they are makes
//! no difference: each digest has one signature.
//!
//! Every point is checked to be canonical, of the right subgroup, and not the identity, wherever it
//! comes from. The library is `blst`, which is C and assembly; nothing that runs in a cluster of
//! certificates links this crate.

mod deal;
mod scalar;

pub use deal::{deal, main};

use blst::min_sig::{PublicKey, SecretKey, Signature};
use blst::{BLST_ERROR, MultiPoint as _};
use scalar::{BITS, Scalar, Weights};
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::threshold::{KEY, Keys, Point, PointClaim, Provider, ThresholdScheme};
use wire::{Digest, ReplicaId};

/// Keeps what is signed here apart from whatever else may be signed on this curve.
const DOMAIN: &[u8] = b"PATCHY-THRESHOLD-1-BLS12381G1_XMD:SHA-256_SSWU_RO_";

/// The scheme of one replica, with `blst`.
pub struct Scheme {
    secret: SecretKey,
    group: PublicKey,
    shares: BTreeMap<ReplicaId, PublicKey>,
    quorum: usize,
    weights: Weights,
}

/// Why keys are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// No point of G2, or the identity.
    Group,
    /// The same of a replica's.
    Share(ReplicaId),
    /// Fewer than Q shares, or not those of replicas 1 to n.
    Replicas,
    /// The share keys and the group key are not those of one dealing with this quorum.
    Foreign,
    /// The secret is not that of this replica's key.
    Secret,
}

impl std::fmt::Display for KeyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const NONE: &str = "is no point of its group, so it verifies nothing";
        match self {
            Self::Group => write!(f, "the cluster's threshold key {NONE}"),
            Self::Share(id) => write!(f, "the threshold key of replica {id} {NONE}"),
            Self::Replicas => f.write_str("the threshold keys are not those of all replicas"),
            Self::Foreign => f.write_str(
                "the threshold keys do not belong together: they were not dealt at once",
            ),
            Self::Secret => {
                f.write_str("this replica's share of the threshold secret does not fit its key")
            }
        }
    }
}

impl Scheme {
    /// The scheme of replica `me`, whose share of the secret is `secret`.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn open(
        keys: &Keys,
        quorum: usize,
        me: ReplicaId,
        secret: &[u8; 32],
    ) -> Result<Self, KeyError> {
        let group = PublicKey::key_validate(&keys.group).map_err(|_| KeyError::Group)?;
        let share = |(id, key): (&ReplicaId, &[u8; KEY])| {
            let key = PublicKey::key_validate(key).map_err(|_| KeyError::Share(*id))?;
            Ok((*id, key))
        };
        let shares = keys.shares.iter().map(share).collect::<Result<BTreeMap<_, _>, _>>()?;
        let most = shares.last_key_value().map_or(0, |(id, _)| id.0);
        let everybody = shares.keys().copied().eq((1..=most).map(ReplicaId));
        if !everybody || !(1..=shares.len()).contains(&quorum) {
            return Err(KeyError::Replicas);
        }
        let secret = SecretKey::from_bytes(secret).map_err(|_| KeyError::Secret)?;
        if shares.get(&me) != Some(&secret.sk_to_pk()) {
            return Err(KeyError::Secret);
        }
        let scheme = Self { secret, group, shares, quorum, weights: Weights::new(most) };
        if scheme.belong_together() { Ok(scheme) } else { Err(KeyError::Foreign) }
    }

    /// Whether all keys are values of one polynomial that any Q of them determine.
    fn belong_together(&self) -> bool {
        let (places, points): (Vec<u16>, Vec<PublicKey>) =
            self.shares.iter().take(self.quorum).map(|(id, key)| (id.0, *key)).unzip();
        let value = |at| points.mult(&self.weights(at, &places), BITS).to_public_key();
        let mut others = self.shares.iter().skip(self.quorum);
        value(0) == self.group && others.all(|(id, key)| value(id.0) == *key)
    }

    /// As [`Weights::at`], in bytes.
    fn weights(&self, at: u16, places: &[u16]) -> Vec<u8> {
        self.weights.at(at, places).into_iter().flat_map(Scalar::to_le_bytes).collect()
    }
}

/// The point of G1 with this encoding, which is not the identity.
fn decode(point: &Point) -> Option<Signature> {
    Signature::sig_validate(&point.0, true).ok()
}

impl ThresholdScheme for Scheme {
    fn share(&self, digest: &Digest) -> Point {
        Point(self.secret.sign(&digest.0, DOMAIN, &[]).compress())
    }

    fn combine(&self, _digest: &Digest, shares: &[(ReplicaId, Point)]) -> Option<Point> {
        let shares: BTreeMap<ReplicaId, Point> = shares.iter().copied().collect();
        let chosen = shares.iter().filter(|(id, _)| self.shares.contains_key(id));
        let chosen = chosen.filter_map(|(id, point)| Some((id.0, decode(point)?)));
        let (places, points): (Vec<u16>, Vec<Signature>) = chosen.take(self.quorum).unzip();
        if points.len() < self.quorum {
            return None;
        }
        let whole = points.mult(&self.weights(0, &places), BITS).to_signature();
        Some(Point(whole.compress()))
    }

    fn verify(&self, claim: &PointClaim) -> bool {
        let key = match claim.by {
            Some(id) => self.shares.get(&id),
            None => Some(&self.group),
        };
        let (Some(key), Some(signature)) = (key, decode(&claim.point)) else { return false };
        // Signature and key were validated when they were decoded.
        let verdict = signature.verify(false, &claim.digest.0, DOMAIN, &[], key, false);
        verdict == BLST_ERROR::BLST_SUCCESS
    }
}

/// Gives replicas' programs this scheme.
#[derive(Clone, Copy, Debug, Default)]
pub struct Blst;

impl Provider for Blst {
    fn open(
        &self,
        keys: &Keys,
        quorum: usize,
        me: ReplicaId,
        secret: &[u8; 32],
    ) -> Result<Arc<dyn ThresholdScheme>, String> {
        let scheme = Scheme::open(keys, quorum, me, secret).map_err(|error| error.to_string())?;
        Ok(Arc::new(scheme))
    }
}
