//! One signature predicate for the whole cluster: the inputs on which libraries disagree.

use curve25519_dalek::{constants, edwards::EdwardsPoint, scalar::Scalar};
use std::collections::BTreeMap;
use wire::auth::{Claim, Scheme};
use wire::ed25519::{Ed25519, KeyError, PublicKey, SecretKey};
use wire::{Digest, Principal, ReplicaId, Signature};

fn scheme(id: u16) -> (Ed25519, Principal) {
    let secret = SecretKey::from_seed(&[7; 32]);
    let principal = Principal::Replica(ReplicaId(id));
    let roster = BTreeMap::from([(principal, secret.public())]);
    (Ed25519::new(secret, roster), principal)
}

fn claim(scheme: &Ed25519, signer: Principal, text: &[u8]) -> Claim {
    let root = Digest::of("test", text);
    Claim { signer, root, signature: scheme.sign(&root) }
}

#[test]
fn keys_of_small_order_or_mixed_order_are_not_enrolled() {
    for torsion in constants::EIGHT_TORSION {
        let bytes = torsion.compress().to_bytes();
        assert_eq!(PublicKey::enrol(bytes).err(), Some(KeyError::Torsion), "{bytes:?}");
    }
    let mixed = EdwardsPoint::mul_base(&Scalar::from(5u8)) + constants::EIGHT_TORSION[1];
    assert_eq!(PublicKey::enrol(mixed.compress().to_bytes()).err(), Some(KeyError::Torsion));
}

#[test]
fn keys_that_are_not_canonical_are_not_enrolled() {
    // y = p + 1 reads as y = 1, the identity, in lenient decoders.
    let mut bytes = [0xff; 32];
    bytes[0] = 0xee;
    bytes[31] = 0x7f;
    assert_eq!(PublicKey::enrol(bytes).err(), Some(KeyError::Encoding));
}

#[test]
fn a_batch_holds_exactly_when_each_of_its_claims_does() {
    let (scheme, me) = scheme(1);
    let good: Vec<_> = (0..9u8).map(|index| claim(&scheme, me, &[index])).collect();
    assert!(scheme.verify_all(&good));
    for spoiled in 0..good.len() {
        let mut claims = good.clone();
        claims[spoiled].signature.0[40] ^= 1;
        assert!(!scheme.verify(&claims[spoiled]));
        assert!(!scheme.verify_all(&claims));
    }
}

/// R with a component of small order: the cofactorless verifiers reject it, the cofactored accept.
/// What matters is that single and batch verification agree, for every component.
#[test]
fn single_and_batch_agree_where_libraries_differ() {
    use sha2::{Digest as _, Sha512};
    let (scheme, me) = scheme(1);
    let secret = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    let scalar = secret.to_scalar();
    let root = Digest::of("test", b"torsion");
    let mut message = *b"patchy root 1...________________________________";
    message[16..].copy_from_slice(&root.0);
    for torsion in constants::EIGHT_TORSION {
        let nonce = Scalar::from(99u8);
        let point = (EdwardsPoint::mul_base(&nonce) + torsion).compress();
        let mut hasher = Sha512::new();
        hasher.update(point.as_bytes());
        hasher.update(secret.verifying_key().as_bytes());
        hasher.update(message);
        let challenge = Scalar::from_bytes_mod_order_wide(&hasher.finalize().into());
        let response = nonce + challenge * scalar;
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(point.as_bytes());
        bytes[32..].copy_from_slice(response.as_bytes());
        let malleated = Claim { signer: me, root, signature: Signature(bytes) };
        assert!(scheme.verify(&malleated), "ZIP-215 accepts");
        for _ in 0..20 {
            assert!(scheme.verify_all(&[malleated, claim(&scheme, me, b"other")]));
        }
    }
}

#[test]
fn a_signer_who_is_not_enrolled_proves_nothing() {
    let (scheme, me) = scheme(1);
    let mut stranger = claim(&scheme, me, b"x");
    stranger.signer = Principal::Replica(ReplicaId(2));
    assert!(!scheme.verify(&stranger) && !scheme.verify_all(&[stranger, stranger]));
    let client = Claim { signer: Principal::Client(wire::ClientId(1)), ..stranger };
    assert!(!scheme.verify(&client), "a replica's id in a client's role is somebody else");
}
