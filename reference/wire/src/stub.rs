//! Signature schemes without cryptography, for simulation and fuzzing only.
//!
//! Anyone can forge them. They are behind the `stub` feature, which no production binary enables.

use crate::threshold::{Point, PointClaim, ThresholdScheme};
use crate::{Config, Digest, Principal, ReplicaId, Signature, auth::Claim, auth::Scheme};
use std::collections::BTreeSet;

/// "Signs" by hashing the signer's name with the root.
#[derive(Clone, Copy, Debug)]
pub struct Stub(pub Principal);

fn tag(signer: Principal, root: &Digest) -> Signature {
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(&Digest::of_value("patchy stub 1", &(signer, root)).0);
    Signature(bytes)
}

impl Scheme for Stub {
    fn sign(&self, root: &Digest) -> Signature {
        tag(self.0, root)
    }

    fn verify(&self, claim: &Claim) -> bool {
        claim.signature == tag(claim.signer, &claim.root)
    }
}

/// A threshold scheme that "signs" by hashing.
#[derive(Clone, Debug)]
pub struct StubThreshold {
    me: ReplicaId,
    config: Config,
}

impl StubThreshold {
    /// That of `me` in the cluster of `config`.
    #[must_use]
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        Self { me, config: config.clone() }
    }
}

/// `None`: the whole cluster's.
fn point(by: Option<ReplicaId>, digest: &Digest) -> Point {
    let mut bytes = [0; 48];
    bytes[..32].copy_from_slice(&Digest::of_value("patchy stub point 1", &(by, digest)).0);
    Point(bytes)
}

impl ThresholdScheme for StubThreshold {
    fn share(&self, digest: &Digest) -> Point {
        point(Some(self.me), digest)
    }

    fn combine(&self, digest: &Digest, shares: &[(ReplicaId, Point)]) -> Option<Point> {
        let good = shares.iter().filter(|(by, share)| *share == point(Some(*by), digest));
        let signers: BTreeSet<ReplicaId> = good.map(|(by, _)| *by).collect();
        (signers.len() >= self.config.quorum()).then(|| point(None, digest))
    }

    fn verify(&self, claim: &PointClaim) -> bool {
        claim.by.is_none_or(|by| self.config.is_replica(by))
            && claim.point == point(claim.by, &claim.digest)
    }
}
