//! What checks signatures. There may be several; all decide alike.
//!
//! The predicate is ZIP-215 whoever decides: a library that is stricter may say yes, for whatever
//! it accepts ZIP-215 accepts too; where it says no, the common rule has the last word, and that
//! is counted. So no input on which libraries merely differ can split a cluster, and one that accepts
//! too much harms the replicas that use it alone, unless it is the common rule's own: that has the last
//! word everywhere, and its fault is everybody's.

use crate::Signature;
use crate::ed25519::PublicKey;
use ed25519_zebra::{VerificationKeyBytes, batch};
use rand_core::UnwrapErr;

/// What a signature covers. Unit: bytes.
pub const SIGNED_BYTES: usize = 48;

/// That a key signed something.
#[derive(Clone, Copy, Debug)]
pub struct Check<'a> {
    /// The signer's, enrolled.
    pub key: &'a PublicKey,
    /// What is said to be signed.
    pub message: [u8; SIGNED_BYTES],
    /// By what.
    pub signature: Signature,
}

/// A library that checks signatures, held to ZIP-215.
pub trait Verifier: Send + Sync {
    /// As plans and the status call it.
    fn name(&self) -> &'static str;

    /// Whether `check` holds by ZIP-215.
    fn verify(&self, check: &Check<'_>) -> bool;

    /// Whether all hold; must agree with [`Verifier::verify`] on each.
    fn verify_all(&self, checks: &[Check<'_>]) -> bool {
        checks.iter().all(|check| self.verify(check))
    }

    /// How often the library said no and ZIP-215 had to be asked.
    fn second_opinions(&self) -> u64 {
        0
    }
}

/// `ed25519-zebra`, which is ZIP-215, singly and in batches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Zebra;

/// From how many claims on a batch costs less than one by one: a batch decompresses every key anew.
const BATCH: usize = 4;

impl Verifier for Zebra {
    fn name(&self) -> &'static str {
        "ed25519-zebra"
    }

    fn verify(&self, check: &Check<'_>) -> bool {
        let signature = ed25519_zebra::Signature::from(check.signature.0);
        check.key.zebra().verify(&signature, &check.message).is_ok()
    }

    fn verify_all(&self, checks: &[Check<'_>]) -> bool {
        if checks.len() < BATCH {
            return checks.iter().all(|check| self.verify(check));
        }
        let mut batch = batch::Verifier::new();
        for Check { key, message, signature } in checks {
            let signature = ed25519_zebra::Signature::from(signature.0);
            batch.queue((VerificationKeyBytes::from(key.bytes()), signature, message));
        }
        batch.verify(UnwrapErr(getrandom::SysRng)).is_ok()
    }
}
