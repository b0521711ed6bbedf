//! Fingerprints: by these, states that nobody forges are told apart.
//!
//! They cost a fraction of SHA-256 and take its place where whole states are compared again and again,
//! and nowhere else: who may choose what is hashed can find two values with one fingerprint.

use crate::Digest;
use borsh::BorshSerialize;
use std::io;

/// Words of 64 bits that are taken side by side, since one product has to wait for the one before.
const LANES: usize = 4;

/// What all lanes take at once. Unit: bytes.
const STRIPE: usize = 8 * LANES;

/// Bytes gathered before they are taken: encodings come in pieces of a few bytes.
const GATHERED: usize = 32 * STRIPE;

/// One odd number a lane: digits of the square roots of 2, 3, 5 and 7.
const FACTORS: [u64; LANES] =
    [0x6a09_e667_f3bc_c909, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b, 0xa54f_f53a_5f1d_36f1];

/// Both halves of a product, added without carry: each bit hangs on all bits of `word`.
fn fold(word: u64, factor: u64) -> u64 {
    let (low, high) = word.carrying_mul(factor, 0);
    low ^ high
}

/// The fingerprint of the canonical encoding of `value` under `domain`.
#[must_use]
pub fn of_value<T: BorshSerialize + ?Sized>(domain: &str, value: &T) -> Digest {
    let mut writer = Writer { lanes: FACTORS, gathered: [0; GATHERED], waiting: 0, length: 0 };
    (domain, value).serialize(&mut writer).expect("taking bytes cannot fail");
    writer.finish()
}

/// A fingerprint in the making.
struct Writer {
    lanes: [u64; LANES],
    gathered: [u8; GATHERED],
    /// How many of them wait.
    waiting: usize,
    length: u64,
}

impl Writer {
    /// Takes whole stripes.
    fn take(lanes: &mut [u64; LANES], stripes: &[u8]) {
        let (stripes, _) = stripes.as_chunks::<STRIPE>();
        for stripe in stripes {
            let (words, _) = stripe.as_chunks::<8>();
            for ((lane, word), factor) in lanes.iter_mut().zip(words).zip(FACTORS) {
                *lane = fold(*lane ^ u64::from_le_bytes(*word), factor);
            }
        }
    }

    fn finish(mut self) -> Digest {
        self.gathered[self.waiting..].fill(0);
        let whole = self.waiting.next_multiple_of(STRIPE);
        Self::take(&mut self.lanes, &self.gathered[..whole]);
        self.lanes[0] ^= self.length;
        // Each lane hangs on all others after as many rounds as there are.
        for _ in 0..LANES {
            for (lane, factor) in FACTORS.into_iter().enumerate() {
                let next = self.lanes[(lane + 1) % LANES];
                self.lanes[lane] = fold(self.lanes[lane] ^ next.rotate_left(32), factor);
            }
        }
        let mut bytes = [0; 32];
        let (words, _) = bytes.as_chunks_mut::<8>();
        words.iter_mut().zip(self.lanes).for_each(|(word, lane)| *word = lane.to_le_bytes());
        Digest(bytes)
    }
}

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while rest.len() > GATHERED - self.waiting {
            let (now, later) = rest.split_at(GATHERED - self.waiting);
            self.gathered[self.waiting..].copy_from_slice(now);
            Self::take(&mut self.lanes, &self.gathered);
            (rest, self.waiting) = (later, 0);
        }
        self.gathered[self.waiting..self.waiting + rest.len()].copy_from_slice(rest);
        self.waiting += rest.len();
        self.length += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Takes the bytes in pieces of this size.
    struct Pieces<'a>(&'a [u8], usize);

    impl BorshSerialize for Pieces<'_> {
        fn serialize<W: io::Write>(&self, writer: &mut W) -> io::Result<()> {
            self.0.chunks(self.1).try_for_each(|piece| writer.write_all(piece))
        }
    }

    fn bytes(length: usize) -> Vec<u8> {
        let mut state = 7_u64;
        let mut next = || {
            state = fold(state ^ 1, FACTORS[1]);
            state.to_le_bytes()[0]
        };
        (0..length).map(|_| next()).collect()
    }

    #[test]
    fn it_hangs_on_the_bytes_and_not_on_the_pieces_in_which_they_come() {
        for length in [0, 1, 31, 32, 33, GATHERED - 1, GATHERED, 3 * GATHERED + 5] {
            let bytes = bytes(length);
            let of = |size| of_value("test", &Pieces(&bytes, size));
            for size in [1, 7, 256, GATHERED, 10 * GATHERED] {
                assert_eq!(of(size), of(2), "{length} bytes in pieces of {size}");
            }
        }
    }

    /// A bit at any place, two of them, one byte more, other zeros at the end, another domain.
    #[test]
    fn whatever_differs_a_little_has_another_fingerprint() {
        let plain = bytes(200);
        let mut all = BTreeSet::new();
        let mut is_new = |domain: &str, bytes: &[u8]| {
            assert!(all.insert(of_value(domain, &Pieces(bytes, 64))), "{bytes:?}");
        };
        is_new("test", &plain);
        is_new("tess", &plain);
        for first in 0..8 * plain.len() {
            let mut one = plain.clone();
            one[first / 8] ^= 1 << (first % 8);
            is_new("test", &one);
            // The same bit of the next word of the same lane.
            if let Some(byte) = one.get_mut(first / 8 + STRIPE) {
                *byte ^= 1 << (first % 8);
                is_new("test", &one);
            }
        }
        for zeros in 1..70 {
            let mut longer = plain.clone();
            longer.resize(plain.len() + zeros, 0);
            is_new("test", &longer);
        }
    }
}
