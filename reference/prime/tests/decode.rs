//! The decoder under fire: hostile bytes never panic, never make it reserve more than they are
//! worth, and what it accepts is canonical.
//!
//! The corpus in `tests/corpus/decode` holds one file for each finding and one for each kind of
//! message; every run starts from it. A longer campaign:
//!
//! ```sh
//! cargo run --release -p prime --example fuzz_decode -- 100000000 1
//! ```

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "support/decode.rs"]
mod support;

use cap::Cap;
use std::alloc::System;
use support::{Fuzzer, corpus, samples, threshold_samples};
use wire::prime::Message;
use wire::{Config, Proofs, codec};

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

#[test]
fn the_corpus_holds_every_kind_of_message_and_all_of_it_is_judged() {
    let plain = support::config();
    let threshold = Config { proofs: Proofs::Threshold, ..plain.clone() };
    let under = |config: &Config, samples: Vec<(String, Message)>| {
        samples.into_iter().map(|(name, message)| (name, message, config.clone())).collect()
    };
    let mut samples: Vec<_> = under(&plain, samples());
    samples.extend::<Vec<_>>(under(&threshold, threshold_samples()));
    let corpus = corpus();
    for (name, message, config) in &samples {
        let kept = corpus.iter().find(|(file, _)| file == name);
        let (_, bytes) = kept.unwrap_or_else(|| panic!("tests/corpus/decode/{name} is missing"));
        assert_eq!(bytes, &codec::encode(message), "{name} is not what the encoding gives");
        assert!(prime::decode::message(bytes).is_ok(), "{name}");
        assert!(prime::decode::shape(config, message).is_ok(), "{name}");
    }
    assert!(corpus.len() > samples.len(), "the corpus holds hostile inputs too");
}

#[test]
fn mutated_messages_neither_panic_nor_allocate_nor_decode_ambiguously() {
    let mut fuzzer = Fuzzer::new(corpus(), 1);
    let mut accepted = 0u32;
    let rounds = 60_000;
    for _ in 0..rounds {
        let bytes = fuzzer.next();
        let before = MEMORY.allocated();
        let outcome = prime::decode::message(&bytes);
        let grown = MEMORY.allocated().saturating_sub(before);
        assert!(grown <= 64 * bytes.len() + 65_536, "{grown} bytes held for {} read", bytes.len());
        if let Ok(message) = outcome {
            accepted += 1;
            assert_eq!(codec::encode(&message), bytes);
            let _ = prime::decode::shape(&support::config(), &message);
        }
    }
    assert!(accepted > rounds / 50, "mutations get past the decoder: {accepted} of {rounds}");
    assert!(accepted < rounds - rounds / 50, "and not all of them: {accepted} of {rounds}");
}

#[test]
fn a_count_without_bytes_behind_it_reserves_next_to_nothing() {
    for (name, bytes) in corpus() {
        for at in 0..bytes.len().saturating_sub(4) {
            let mut hostile = bytes[..at + 4].to_vec();
            hostile[at..].copy_from_slice(&[0xff, 0xff, 0x03, 0x00]);
            let before = MEMORY.max_allocated();
            let _ = prime::decode::message(&hostile);
            let peak = MEMORY.max_allocated() - before;
            assert!(peak < 1 << 20, "{name} cut at {at}: {peak} bytes");
        }
    }
}
