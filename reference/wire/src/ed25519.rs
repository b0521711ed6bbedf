//! Ed25519 under one predicate for the whole cluster: ZIP-215.
//!
//! Signature libraries disagree on malleated and small-order inputs, and cofactorless single
//! verification disagrees with batch verification. A cluster whose replicas decide differently on
//! one signature can be split by whoever finds it. ZIP-215 (cofactored, non-canonical encodings
//! of R accepted) is decided alike singly and in batches. Keys are checked at enrolment to be
//! canonical and of prime order, so no key admits two readings.

use crate::verifier::{Check, SIGNED_BYTES, Verifier, Zebra};
use crate::{Digest, Principal, Signature, auth::Claim, auth::Scheme};
use curve25519_dalek::{edwards::CompressedEdwardsY, traits::IsIdentity};
use ed25519_dalek::{Signer as _, SigningKey};
use ed25519_zebra::VerificationKey;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A key that may be enrolled: canonical, of prime order, not the identity.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey {
    bytes: [u8; 32],
    key: VerificationKey,
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Digest(self.bytes))
    }
}

/// Why bytes cannot be enrolled as a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not the canonical encoding of a curve point.
    #[error("not the canonical encoding of a point of the curve")]
    Encoding,
    /// The point is the identity or has a component of small order.
    #[error("the point has a component of small order")]
    Torsion,
}

impl PublicKey {
    /// Checks `bytes` for enrolment.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn enrol(bytes: [u8; 32]) -> Result<Self, KeyError> {
        let point = CompressedEdwardsY(bytes).decompress().ok_or(KeyError::Encoding)?;
        if point.compress().0 != bytes {
            return Err(KeyError::Encoding);
        }
        if point.is_identity() || !point.is_torsion_free() {
            return Err(KeyError::Torsion);
        }
        let key = VerificationKey::try_from(bytes).map_err(|_| KeyError::Encoding)?;
        Ok(Self { bytes, key })
    }

    /// The 32 bytes.
    #[must_use]
    pub fn bytes(&self) -> [u8; 32] {
        self.bytes
    }

    /// Decompressed, once and for all.
    pub(crate) fn zebra(&self) -> &VerificationKey {
        &self.key
    }
}

/// A secret key. Zeroed when dropped; never printed.
#[derive(Clone)]
pub struct SecretKey(SigningKey);

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

impl SecretKey {
    /// The key with this seed.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// A fresh key from the operating system's randomness.
    ///
    /// # Errors
    /// The operating system gives none.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        Ok(Self::from_seed(&seed))
    }

    /// The seed, for a key file.
    #[must_use]
    pub fn seed(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// Its public key.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey::enrol(self.0.verifying_key().to_bytes()).expect("generated keys are sound")
    }

    /// Signs arbitrary bytes.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).to_bytes())
    }
}

/// The scheme of a real cluster: one secret, everybody's public keys.
#[derive(Clone)]
pub struct Ed25519 {
    secret: SecretKey,
    roster: BTreeMap<Principal, PublicKey>,
    verifier: Arc<dyn Verifier>,
}

impl fmt::Debug for Ed25519 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verifier = self.verifier.name();
        f.debug_struct("Ed25519")
            .field("roster", &self.roster)
            .field("verifier", &verifier)
            .finish()
    }
}

impl Ed25519 {
    /// Signs with `secret`, verifies the enrolled keys of `roster`.
    #[must_use]
    pub fn new(secret: SecretKey, roster: BTreeMap<Principal, PublicKey>) -> Self {
        Self::with_verifier(secret, roster, Arc::new(Zebra))
    }

    /// The same with another library that verifies.
    #[must_use]
    pub fn with_verifier(
        secret: SecretKey,
        roster: BTreeMap<Principal, PublicKey>,
        verifier: Arc<dyn Verifier>,
    ) -> Self {
        Self { secret, roster, verifier }
    }

    /// What `claim` comes down to; `None` if its signer is not enrolled.
    fn check(&self, claim: &Claim) -> Option<Check<'_>> {
        let key = self.roster.get(&claim.signer)?;
        Some(Check { key, message: signed_bytes(&claim.root), signature: claim.signature })
    }
}

/// What a signature over a root really covers.
fn signed_bytes(root: &Digest) -> [u8; SIGNED_BYTES] {
    let mut bytes = *b"patchy root 1...________________________________";
    bytes[16..].copy_from_slice(&root.0);
    bytes
}

impl Scheme for Ed25519 {
    fn sign(&self, root: &Digest) -> Signature {
        self.secret.sign(&signed_bytes(root))
    }

    fn verify(&self, claim: &Claim) -> bool {
        self.check(claim).is_some_and(|check| self.verifier.verify(&check))
    }

    fn verify_all(&self, claims: &[Claim]) -> bool {
        let checks: Option<Vec<Check<'_>>> = claims.iter().map(|claim| self.check(claim)).collect();
        checks.is_some_and(|checks| self.verifier.verify_all(&checks))
    }
}
