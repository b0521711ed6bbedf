//! Dealing: whoever makes the cluster draws the secret, shares it out and forgets it.

use crate::scalar::Scalar;
use blst::min_sig::SecretKey;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::ExitCode;
use wire::threshold::{Dealt, Keys};
use wire::{ReplicaId, config::MAX_REPLICAS};

/// Keys for replicas `1..=n`, any `quorum` of which can sign: Shamir's shares of a secret of which
/// nothing else is left.
///
/// # Errors
/// The operating system gives no randomness.
///
/// # Panics
/// Unless `1 <= quorum <= n <= MAX_REPLICAS`.
pub fn deal(n: u16, quorum: usize) -> Result<Dealt, getrandom::Error> {
    assert!((1..=usize::from(n)).contains(&quorum) && usize::from(n) <= MAX_REPLICAS);
    loop {
        let coefficients = (0..quorum).map(|_| random()).collect::<Result<Vec<_>, _>>()?;
        // A share of 0 would be no key. That happens to nobody, but then the next ones are drawn.
        if let Some(dealt) = share_out(n, &coefficients) {
            return Ok(dealt);
        }
    }
}

/// A number below r, each as likely.
fn random() -> Result<Scalar, getrandom::Error> {
    loop {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        bytes[0] &= 0x7f;
        if let Some(scalar) = Scalar::from_bytes(bytes) {
            return Ok(scalar);
        }
    }
}

/// The values of the polynomial with these coefficients, the constant one being the secret.
fn share_out(n: u16, coefficients: &[Scalar]) -> Option<Dealt> {
    let value = |place: u16| {
        let place = Scalar::from_u64(u64::from(place));
        let step = |sum: Scalar, next: &Scalar| sum.times(place).plus(*next);
        coefficients.iter().rev().fold(Scalar::ZERO, step).to_bytes()
    };
    let public = |secret: &[u8; 32]| {
        let secret = SecretKey::from_bytes(secret).ok()?;
        Some(secret.sk_to_pk().compress())
    };
    let secrets: BTreeMap<_, _> = (1..=n).map(|id| (ReplicaId(id), value(id))).collect();
    let shares = secrets.iter().map(|(id, secret)| Some((*id, public(secret)?)));
    let shares = shares.collect::<Option<BTreeMap<_, _>>>()?;
    Some(Dealt { keys: Keys { group: public(&value(0))?, shares }, secrets })
}

/// The whole program of a dealer: takes n and the quorum, prints [`Dealt::to_text`].
#[must_use]
pub fn main() -> ExitCode {
    let numbers: Vec<u16> =
        std::env::args().skip(1).map_while(|argument| argument.parse().ok()).collect();
    let &[n, quorum] = numbers.as_slice() else { return ExitCode::FAILURE };
    let fits = (1..=n).contains(&quorum) && usize::from(n) <= MAX_REPLICAS;
    let dealt = if fits { deal(n, usize::from(quorum)).ok() } else { None };
    let printed = dealt.map(|dealt| std::io::stdout().write_all(dealt.to_text().as_bytes()));
    if matches!(printed, Some(Ok(()))) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
