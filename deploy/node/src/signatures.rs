//! Libraries that check signatures: which one a replica has is chosen by its program's type. `ring`
//! is there with the feature of its name.

#[cfg(feature = "ring")]
pub use ring_first::Ring;
pub use wire::verifier::Zebra;

#[cfg(feature = "ring")]
mod ring_first {
    use super::Zebra;
    use ring::signature::{ED25519, UnparsedPublicKey};
    use std::sync::atomic::{AtomicU64, Ordering};
    use wire::verifier::{Check, Verifier};

    /// `ring`, whose curve arithmetic shares no code with `ed25519-zebra`'s; where it says no, ZIP-215
    /// decides. Its rule is stricter (no cofactor, canonical R), so a yes of it is one of ZIP-215.
    ///
    /// A bad signature costs two checks. Nothing is checked in batches.
    #[derive(Debug, Default)]
    pub struct Ring {
        second_opinions: AtomicU64,
    }

    impl Verifier for Ring {
        fn name(&self) -> &'static str {
            "ring"
        }

        fn verify(&self, check: &Check<'_>) -> bool {
            let key = UnparsedPublicKey::new(&ED25519, check.key.bytes());
            if key.verify(&check.message, &check.signature.0).is_ok() {
                return true;
            }
            self.second_opinions.fetch_add(1, Ordering::Relaxed);
            Zebra.verify(check)
        }

        fn second_opinions(&self) -> u64 {
            self.second_opinions.load(Ordering::Relaxed)
        }
    }
}

#[cfg(all(test, feature = "ring"))]
mod tests {
    use super::*;
    use curve25519_dalek::{EdwardsPoint, Scalar, constants::EIGHT_TORSION};
    use sha2::{Digest as _, Sha512};
    use wire::Signature;
    use wire::ed25519::{PublicKey, SecretKey};
    use wire::verifier::SIGNED_BYTES;
    use wire::verifier::{Check, Verifier};

    const SEED: [u8; 32] = [7; 32];
    const MESSAGE: [u8; SIGNED_BYTES] = [9; SIGNED_BYTES];

    /// A signature over [`MESSAGE`] whose R has this encoding, and whose S fits to R less torsion
    /// being `nonce` times the base point.
    fn signature(r: [u8; 32], nonce: Scalar) -> Signature {
        let secret = ed25519_dalek::SigningKey::from_bytes(&SEED);
        let mut hasher = Sha512::new();
        hasher.update(r);
        hasher.update(secret.verifying_key().as_bytes());
        hasher.update(MESSAGE);
        let challenge = Scalar::from_bytes_mod_order_wide(&hasher.finalize().into());
        let s = nonce + challenge * secret.to_scalar();
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&r);
        bytes[32..].copy_from_slice(s.as_bytes());
        Signature(bytes)
    }

    /// The point of y = 1, the identity, written as y = p + 1.
    fn long_identity() -> [u8; 32] {
        let mut bytes = [0xff; 32];
        bytes[0] = 0xee;
        bytes[31] = 0x7f;
        bytes
    }

    /// Name, signature, whether ZIP-215 accepts it, whether `ring` does.
    fn vectors() -> Vec<(String, Signature, bool, bool)> {
        let nonce = Scalar::from(99_u8);
        let mut vectors = Vec::new();
        for (index, torsion) in EIGHT_TORSION.iter().enumerate() {
            let r = (EdwardsPoint::mul_base(&nonce) + torsion).compress().0;
            let name = format!("R with torsion {index}");
            vectors.push((name, signature(r, nonce), true, index == 0));
            let small = torsion.compress().0;
            let name = format!("R of small order {index}");
            vectors.push((name, signature(small, Scalar::ZERO), true, index == 0));
        }
        let name = "R is the identity, not canonical".to_owned();
        vectors.push((name, signature(long_identity(), Scalar::ZERO), true, false));
        let plain = SecretKey::from_seed(&SEED).sign(&MESSAGE);
        vectors.push(("plain".to_owned(), plain, true, true));
        for at in [0, 40] {
            let mut spoiled = plain;
            spoiled.0[at] ^= 1;
            vectors.push((format!("byte {at} is wrong"), spoiled, false, false));
        }
        // S + L signs the same, but is not canonical: both rules forbid it.
        let mut long = plain;
        let order = [
            0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9,
            0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10_u8,
        ];
        let mut carry = 0_u16;
        for (byte, more) in long.0[32..].iter_mut().zip(order) {
            carry += u16::from(*byte) + u16::from(more);
            [*byte, _] = carry.to_le_bytes();
            carry >>= 8;
        }
        vectors.push(("S is not canonical".to_owned(), long, false, false));
        vectors
    }

    #[test]
    fn every_provider_decides_by_zip_215_where_libraries_differ() {
        let key = SecretKey::from_seed(&SEED).public();
        for (name, signature, holds, ring_holds) in vectors() {
            let check = Check { key: &key, message: MESSAGE, signature };
            let ring = Ring::default();
            let plain = Check { signature: SecretKey::from_seed(&SEED).sign(&MESSAGE), ..check };
            let batch = [plain, plain, plain, plain, check];
            for verifier in [&Zebra as &dyn Verifier, &ring] {
                assert_eq!(verifier.verify(&check), holds, "{}: {name}", verifier.name());
                assert_eq!(verifier.verify_all(&batch), holds, "{}: {name}", verifier.name());
            }
            // Once alone and once among others.
            assert_eq!(ring.second_opinions(), if ring_holds { 0 } else { 2 }, "{name}");
            assert_eq!(Zebra.second_opinions(), 0);
        }
    }

    /// Keys on which libraries differ never reach a verifier.
    #[test]
    fn keys_of_small_order_are_not_enrolled() {
        for torsion in EIGHT_TORSION {
            assert!(PublicKey::enrol(torsion.compress().0).is_err());
        }
    }
}
