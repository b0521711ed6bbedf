//! Replicas on different providers: each uses its own, and all decide alike.

use crate::harness::{Four, program, until};
use crate::raw::introduced;
use curve25519_dalek::{EdwardsPoint, Scalar, constants::EIGHT_TORSION};
use layout::Cluster;
use layout::port::{self, Request};
use sha2::{Digest as _, Sha512};
use std::io::Write;
use std::sync::Arc;
use wire::auth::{Claim, Context};
use wire::{Digest, Scheme, Signature, Signer};

/// Signs so that R has a component of small order: libraries without a cofactor say no.
struct Torsioned(ed25519_dalek::SigningKey);

impl Scheme for Torsioned {
    fn sign(&self, root: &Digest) -> Signature {
        let mut message = *b"patchy root 1...________________________________";
        message[16..].copy_from_slice(&root.0);
        let nonce = Scalar::from(99_u8);
        let r = (EdwardsPoint::mul_base(&nonce) + EIGHT_TORSION[1]).compress();
        let mut hasher = Sha512::new();
        hasher.update(r.as_bytes());
        hasher.update(self.0.verifying_key().as_bytes());
        hasher.update(message);
        let challenge = Scalar::from_bytes_mod_order_wide(&hasher.finalize().into());
        let s = nonce + challenge * self.0.to_scalar();
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(r.as_bytes());
        bytes[32..].copy_from_slice(s.as_bytes());
        Signature(bytes)
    }

    fn verify(&self, _: &Claim) -> bool {
        unreachable!("it signs alone")
    }
}

#[test]
fn a_signature_on_which_libraries_differ_is_accepted_by_all_replicas_and_counted_by_the_stricter() {
    let four = Four::started(|init| {
        init.programs = ["replica", "replica", "diverse", "replica"].map(program).to_vec();
    });
    let folder = four.dir().join("clients/kv");
    let secrets = layout::Secrets::read(&folder.join("secret.key")).unwrap();
    let key = ed25519_dalek::SigningKey::from_bytes(&secrets.signing.seed());
    let cluster = Cluster::read(&four.dir()).unwrap();
    let signer = Signer::new(Context::from(&cluster.config), Arc::new(Torsioned(key)));
    let update = wire::Update { seq: wire::ClientSeq(1), payload: wire::Blob::default() };
    let client = layout::ClientFile::read(&folder).unwrap().id();
    let mut bytes = Vec::new();
    let signed = signer.sign_all(client, vec![update]);
    port::pack(signed.iter().map(|u| Request::Update(u.signed().clone())), &mut bytes);
    let mut stream = introduced(&four);
    stream.write_all(&bytes).unwrap();
    until("all execute it", || four.status().iter().all(|replica| replica.updates == Some(1)));
    four.agree(&[1, 2, 3, 4]);
    for replica in four.status() {
        let counters = &replica.details["counters"];
        let (by, second) = (&counters["signatures_verified_by"], &counters["second_opinions"]);
        match replica.id {
            3 => assert!(by == "ring" && second.as_u64() >= Some(1), "{counters}"),
            _ => assert!(by == "ed25519-zebra" && second == 0, "{counters}"),
        }
    }
}

/// The allocator is no trait object that could be asked, but it is in the program, or not.
#[test]
fn a_program_holds_the_allocator_that_it_names_and_no_other() {
    let symbol = b"_mi_page_malloc_zero";
    let holds = |name: &str| {
        let bytes = std::fs::read(program(name)).unwrap();
        bytes.windows(symbol.len()).any(|part| part == symbol)
    };
    assert!(holds("replica"));
    assert!(!holds("diverse"));
}
