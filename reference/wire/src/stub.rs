//! A signature scheme without cryptography, for simulation and fuzzing only.
//!
//! Anyone can forge it. It is behind the `stub` feature, which no production binary enables.

use crate::{Digest, Principal, Signature, auth::Claim, auth::Scheme};

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
