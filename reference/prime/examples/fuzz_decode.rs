//! A long campaign against the decoder: `fuzz_decode ROUNDS SEED`. Prints what it did; stops at the
//! first finding with the input that made it, for `tests/corpus/decode`.

#![expect(clippy::unwrap_used, reason = "a campaign that cannot go on says where")]
#![expect(clippy::print_stdout, reason = "its result is for a person")]

#[path = "../tests/support/decode.rs"]
mod support;

use support::{Fuzzer, corpus, samples, threshold_samples};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u64| arguments.next().map_or(default, |text| text.parse().unwrap());
    let (rounds, seed) = (number(1_000_000), number(1));
    let mut fuzzer = Fuzzer::new(corpus(), seed);
    let mut accepted = 0u64;
    for round in 0..rounds {
        let bytes = fuzzer.next();
        if let Ok(message) = prime::decode::message(&bytes) {
            accepted += 1;
            assert_eq!(wire::codec::encode(&message), bytes, "round {round}: {bytes:02x?}");
            let _ = prime::decode::shape(&support::config(), &message);
        }
    }
    let samples = samples().len() + threshold_samples().len();
    println!("{rounds} inputs from {samples} samples, {accepted} accepted, seed {seed}");
}
