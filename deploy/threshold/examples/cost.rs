//! What the two kinds of proofs cost: making and verifying each, in turn. `cost N QUORUM ROUNDS`.
//! Prints times, and the ratio between the two.

#![expect(clippy::print_stdout, reason = "its result is for a person")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use threshold::{Scheme, deal};
use wire::auth::{Claim, Scheme as _};
use wire::ed25519::{Ed25519, SecretKey};
use wire::threshold::{PointClaim, ThresholdScheme as _};
use wire::{Digest, ReplicaId};

/// Time spent on one kind of proofs.
#[derive(Default)]
struct Spent {
    /// By everybody: a signature or a share each.
    signing: Duration,
    /// By whoever makes the proof: each signature or share.
    checking: Duration,
    /// By the same.
    combining: Duration,
    /// By everybody else.
    verifying: Duration,
}

impl Spent {
    fn say(&self, what: &str, quorum: u32, rounds: u32) {
        let each = |time: Duration, by: u32| (time / by).as_micros();
        println!(
            "{what}: sign {} us, check one {} us, combine {} us, verify {} us",
            each(self.signing, rounds * quorum),
            each(self.checking, rounds * quorum),
            each(self.combining, rounds),
            each(self.verifying, rounds),
        );
    }

    /// Of one who makes a proof, and of one who verifies it.
    fn whole(&self) -> (Duration, Duration) {
        (self.checking + self.combining, self.verifying)
    }
}

fn timed<T>(total: &mut Duration, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    *total += start.elapsed();
    result
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u16| {
        arguments.next().map_or(default, |text| text.parse().expect("a whole number"))
    };
    let (n, quorum, rounds) = (number(4), number(3), number(200));
    let signers: Vec<ReplicaId> = (1..=quorum).map(ReplicaId).collect();
    let dealt = deal(n, usize::from(quorum)).expect("randomness");
    let shared: Vec<Scheme> = signers
        .iter()
        .map(|id| Scheme::open(&dealt.keys, usize::from(quorum), *id, &dealt.secrets[id]))
        .collect::<Result<_, _>>()
        .expect("keys that were dealt at once");
    let secrets = signers.iter().map(|id| (*id, SecretKey::generate().expect("randomness")));
    let secrets: BTreeMap<ReplicaId, SecretKey> = secrets.collect();
    let roster: BTreeMap<_, _> =
        secrets.iter().map(|(id, secret)| ((*id).into(), secret.public())).collect();
    let alone = secrets.values().map(|secret| Ed25519::new(secret.clone(), roster.clone()));
    let alone: Vec<Ed25519> = alone.collect();
    let (mut certificates, mut signatures) = (Spent::default(), Spent::default());
    for round in 0..rounds {
        let root = Digest::of_value("cost", &round);
        let claims: Vec<Claim> = timed(&mut certificates.signing, || {
            let sign = |(id, scheme): (&ReplicaId, &Ed25519)| Claim {
                signer: (*id).into(),
                root,
                signature: scheme.sign(&root),
            };
            signers.iter().zip(&alone).map(sign).collect()
        });
        let good = |claims: &[Claim]| claims.iter().all(|claim| alone[0].verify(claim));
        assert!(timed(&mut certificates.checking, || good(&claims)));
        assert!(timed(&mut certificates.verifying, || alone[0].verify_all(&claims)));
        let shares: Vec<_> = timed(&mut signatures.signing, || {
            signers.iter().zip(&shared).map(|(id, scheme)| (*id, scheme.share(&root))).collect()
        });
        let claim = |by, point| PointClaim { by, digest: root, point };
        let good = || shares.iter().all(|(id, point)| shared[0].verify(&claim(Some(*id), *point)));
        assert!(timed(&mut signatures.checking, good));
        let whole = timed(&mut signatures.combining, || shared[0].combine(&root, &shares));
        let whole = claim(None, whole.expect("enough shares"));
        assert!(timed(&mut signatures.verifying, || shared[0].verify(&whole)));
    }
    let (quorum, rounds) = (u32::from(quorum), u32::from(rounds));
    certificates.say("certificate", quorum, rounds);
    signatures.say("threshold", quorum, rounds);
    let ((made, verified), (made_too, verified_too)) = (certificates.whole(), signatures.whole());
    println!(
        "a threshold signature takes {:.1} times as long to make and {:.1} times as long to verify",
        made_too.as_secs_f64() / made.as_secs_f64(),
        verified_too.as_secs_f64() / verified.as_secs_f64(),
    );
}
