//! Each rule of a shape, broken alone and just kept.

use super::shape::{ALL_HOLD, BULLETS, broken, check};
use crate::decode::kit::{corpus, hostile, message};
use crate::pre_order::kit::{config, trips};
use std::collections::BTreeSet;
use wire::prime::{Message, Partials, Proof};
use wire::{Config, Digest, List, PoSeq, Proofs, Reject, ReplicaId, Signable, Signed, View, codec};

const NAMES: &str = "one of 1..=n";

/// The corpus's message of this kind, or of that name, with a change.
macro_rules! bent {
    ($kind:ident, |$message:ident| $change:expr) => {
        bent!($kind, stringify!($kind), |$message| $change)
    };
    ($kind:ident, $name:expr, |$message:ident| $change:expr) => {{
        let Message::$kind(mut $message) = message($name) else { panic!() };
        $change;
        Message::$kind($message)
    }};
}

/// Changes a list.
fn edit<T, const MAX: usize>(list: &mut List<T, MAX>, change: impl FnOnce(&mut Vec<T>)) {
    let mut items = std::mem::take(list).into_vec();
    change(&mut items);
    *list = List::new(items).unwrap();
}

/// The partial signatures of a certificate.
fn partials(proof: &mut Proof) -> &mut Partials {
    let Proof::Certificate(partials) = proof else { panic!() };
    partials
}

/// Changes every item's body.
fn each<T: Signable>(items: &mut [Signed<T>], change: impl FnMut(&mut T)) {
    items.iter_mut().map(|item| &mut item.body).for_each(change);
}

/// The message breaks just the rule with `words`; another answer is found.
#[track_caller]
fn breaks_at(config: &Config, words: &str, message: &Message) {
    let rules: Vec<_> = broken(config, message).map(|bullet| bullet.says).collect();
    assert_eq!(rules.len(), 1, "{rules:?} are broken");
    assert!(rules[0].contains(words), "{} is broken", rules[0]);
    assert_eq!(check(config, message, &Err(Reject::Malformed)), Ok(()));
    trips(check(config, message, &Ok(())), words);
    trips(check(config, message, &Err(Reject::Invalid)), words);
}

#[track_caller]
fn breaks(words: &str, messages: &[Message]) {
    messages.iter().for_each(|message| breaks_at(&config(), words, message));
}

#[track_caller]
fn passes(messages: &[Message]) {
    for message in messages {
        assert_eq!(check(&config(), message, &Ok(())), Ok(()));
        trips(check(&config(), message, &Err(Reject::Malformed)), ALL_HOLD);
    }
}

mod content;
mod names;
mod states;
mod view_change;

/// A cluster of threshold signatures.
fn threshold() -> Config {
    Config { proofs: Proofs::Threshold, ..config() }
}

#[test]
fn the_corpus_passes() {
    let good = corpus().into_iter().filter(|(name, _)| !hostile(name));
    let (other, plain): (Vec<_>, Vec<_>) =
        good.partition(|(name, _)| name.starts_with("threshold-"));
    let decoded = |corpus: Vec<(_, Vec<u8>)>| -> Vec<_> {
        corpus.iter().map(|(_, bytes)| codec::decode(bytes).unwrap()).collect()
    };
    let (other, plain) = (decoded(other), decoded(plain));
    assert!(plain.len() >= 40);
    passes(&plain);
    assert_eq!(other.len(), 6);
    for message in &other {
        assert_eq!(check(&threshold(), message, &Ok(())), Ok(()));
    }
}

#[test]
fn another_n_calls_for_other_vectors() {
    let more = Config::new(Digest::default(), 7, 2, 0);
    breaks_at(&more, "a PO-ARU has N entries", &message("PoAru"));
    breaks_at(&more, "a matrix has N rows", &message("ProofMatrix"));
    breaks_at(&more, "a list has exactly Q members", &message("VcList"));
    let seven = bent!(PoAru, |m| m.body.vec = List::new(vec![PoSeq(9); 7]).unwrap());
    assert_eq!(check(&more, &seven, &Ok(())), Ok(()));
}

#[test]
fn of_two_broken_rules_the_first_is_named() {
    let message = bent!(CatchUpRequest, |m| {
        m.signer = ReplicaId(0);
        m.body.installed = View(u64::MAX);
    });
    assert_eq!(broken(&config(), &message).count(), 2);
    trips(check(&config(), &message, &Ok(())), NAMES);
}

#[test]
fn no_two_rules_read_alike() {
    let says: BTreeSet<_> = BULLETS.iter().map(|bullet| bullet.says).collect();
    assert_eq!(says.len(), BULLETS.len());
}
