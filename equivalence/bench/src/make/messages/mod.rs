//! Messages of every kind, made from a seed: whole ones, and ones with something out of place.
//!
//! Nothing here is signed: decoding looks at no signature.

mod monitoring;
mod ordering;
mod parts;
mod view_change;

use crate::rng::Rng;
use crate::slots::Draw;
use crate::tree::Tree;
use parts::Parts;
use wire::codec::{self, MAX_MESSAGE};
use wire::prime::Message;

/// Bytes off the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

/// A leaf: an argument has ways of its own to become smaller.
impl Tree for Bytes {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A message of any kind. Two in five have something out of place.
pub(crate) fn message(draw: &mut Draw<'_>) -> Message {
    let mischief = draw.rng.percent(40);
    any(&mut Parts::new(draw.rng, &draw.world.config, mischief))
}

fn any(parts: &mut Parts<'_>) -> Message {
    match parts.rng.below(40) {
        kind @ 0..14 => ordering::message(parts, kind),
        kind @ 14..21 => monitoring::message(parts, kind - 14),
        kind @ 21..36 => view_change::message(parts, kind - 21),
        kind => monitoring::checkpoint(parts, kind - 36),
    }
}

/// An encoded message, as it is or damaged.
pub(crate) fn bytes(draw: &mut Draw<'_>) -> Bytes {
    let message = message(draw);
    let mut bytes = codec::encode(&message);
    if draw.rng.percent(55) {
        for _ in 0..=draw.rng.below(2) {
            damage(draw.rng, &mut bytes);
        }
    }
    Bytes(bytes)
}

/// Places where a count stands are where decoders fail: so most damage is done to four bytes.
fn damage(rng: &mut Rng, bytes: &mut Vec<u8>) {
    let length = bytes.len();
    let at = rng.index(length + 1);
    match rng.below(16) {
        0..6 if at + 4 <= bytes.len() => {
            let count = rng.choose([0u32, 1, 2, 16, 17, 64, 65, 256, 257, 512, 1025, u32::MAX]);
            bytes[at..at + 4].copy_from_slice(&count.to_le_bytes());
        }
        6..9 if at < bytes.len() => bytes[at] ^= 1 << rng.below(8),
        9 if !bytes.is_empty() => bytes[0] = rng.choose([0, 1, 13, 14, 39, 40, 41, 128, 255]),
        10..12 => bytes.truncate(at),
        12 => bytes.insert(at, rng.choose([0, 1, 2, 255])),
        13 => bytes.push(0),
        14 if at < bytes.len() => drop(bytes.remove(at)),
        15 if rng.percent(2) => bytes.resize(MAX_MESSAGE + 1, 0),
        _ => bytes.rotate_left(at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use wire::{Config, Digest, Proofs};

    #[test]
    fn every_kind_is_made_and_whole_ones_are_well_shaped() {
        let mut config = Config::new(Digest::of("messages", &[]), 4, 1, 0);
        let mut rng = Rng::of(&[5]);
        for proofs in [Proofs::Certificate, Proofs::Threshold] {
            config.proofs = proofs;
            let mut kinds = BTreeSet::new();
            for _ in 0..4000 {
                let message = any(&mut Parts::new(&mut rng, &config, false));
                kinds.insert(codec::encode(&message)[0]);
                assert!(prime::decode::shape(&config, &message).is_ok(), "{message:?}");
            }
            assert_eq!(kinds.len(), 40, "{kinds:?}");
        }
    }

    #[test]
    fn mischief_is_done_and_not_always() {
        let config = Config::new(Digest::of("messages", &[]), 4, 1, 0);
        let mut rng = Rng::of(&[6]);
        let mut misshapen = 0;
        for _ in 0..4000 {
            let message = any(&mut Parts::new(&mut rng, &config, true));
            misshapen += u32::from(prime::decode::shape(&config, &message).is_err());
        }
        assert!((1200..3800).contains(&misshapen), "{misshapen} of 4000");
    }
}
