//! The code of reconciliation: polynomials over GF(2^8), as the component's head defines them.

use prime::recon::Parts;
use std::collections::BTreeMap;
use wire::auth::Context;
use wire::merkle::Tree;
use wire::prime::{PoRequest, Recon};
use wire::{Config, Digest, ReplicaId, codec};

/// Longest encoding of an acceptable PO-Request: number and count, then 256 updates, each with
/// signer, number, count, signature, index and a path of 16 nodes, and 512 KiB of payload.
pub(super) const MAX_BODY: usize = 8 + 4 + 256 * (4 + 8 + 4 + 64 + 4 + 4 + 32 * 16) + (512 << 10);

/// The product modulo x^8 + x^4 + x^3 + x^2 + 1.
fn product(a: u8, b: u8) -> u8 {
    let double = |a: u8| (a << 1) ^ if a < 0x80 { 0 } else { 0x1d };
    let multiples = std::iter::successors(Some(a), |&a| Some(double(a)));
    let terms = multiples.zip(0..8).filter(|(_, bit)| (b >> bit) & 1 == 1);
    terms.fold(0, |sum, (multiple, _)| sum ^ multiple)
}

fn inverse(a: u8) -> u8 {
    (1..=255).find(|&b| product(a, b) == 1).expect("places differ, and only zero has no inverse")
}

/// The bytes p(x), where p is the polynomial of least degree through the bytes `known` at their
/// places (Lagrange).
fn value_at(known: &[(u8, &[u8])], x: u8) -> Vec<u8> {
    let mut value = vec![0; known.first().map_or(0, |(_, bytes)| bytes.len())];
    for (i, bytes) in known {
        let others = known.iter().map(|(j, _)| *j).filter(|j| j != i);
        let weight = others.fold(1, |weight, j| product(weight, product(x ^ j, inverse(i ^ j))));
        let terms: Vec<u8> = (0..=255).map(|byte| product(weight, byte)).collect();
        for (sum, byte) in value.iter_mut().zip(*bytes) {
            *sum ^= terms[usize::from(*byte)];
        }
    }
    value
}

/// Where the part of the server of `row` is a value of the polynomial.
fn place(row: usize) -> u8 {
    u8::try_from(row).expect("a cluster has at most 64 rows")
}

/// `length / (f+1)`, rounded up.
pub(super) fn part_length(config: &Config, length: usize) -> usize {
    length.div_ceil(config.one_correct())
}

/// How deep the tree over N leaves is: the least d with 2^d >= N.
pub(super) fn depth(config: &Config) -> usize {
    (0..).find(|d| 1 << d >= config.size()).expect("N is finite")
}

pub(super) fn leaf(part: &[u8]) -> Digest {
    Digest::of("patchy recon part 1", part)
}

/// All parts of `bytes`, with their tree.
pub(super) fn parts_of_bytes(config: &Config, bytes: &[u8]) -> Parts {
    let each = part_length(config, bytes.len());
    let mut padded = bytes.to_vec();
    padded.resize(each * config.one_correct(), 0);
    let data: Vec<(u8, &[u8])> = (0..).zip(padded.chunks(each)).collect();
    let parts: Vec<_> = (0..config.size()).map(|row| value_at(&data, place(row))).collect();
    let tree = Tree::new(parts.iter().map(|part| leaf(part)).collect());
    Parts {
        root: tree.root(),
        length: u32::try_from(bytes.len()).expect("an encoding has at most MAX_BODY bytes"),
        paths: (0..config.size()).map(|row| tree.path(row)).collect(),
        parts,
    }
}

/// All parts of a PO-Request.
pub(super) fn parts_of(config: &Config, request: &PoRequest) -> Parts {
    parts_of_bytes(config, &codec::encode(request))
}

/// The content that `about` describes and of which these are parts.
pub(super) fn content_of_parts(
    config: &Config,
    about: &Recon,
    parts: &BTreeMap<ReplicaId, Vec<u8>>,
) -> Option<(Digest, PoRequest)> {
    let needed = config.one_correct();
    let length = usize::try_from(about.length).ok()?;
    let used: Vec<(u8, &[u8])> =
        parts.iter().take(needed).map(|(i, part)| (place(i.index()), &part[..])).collect();
    let each = part_length(config, length);
    let fit = used.len() == needed && used.iter().all(|(_, part)| part.len() == each);
    if !fit || length == 0 || length > MAX_BODY {
        return None;
    }
    let bytes: Vec<u8> = (0..needed).flat_map(|d| value_at(&used, place(d))).take(length).collect();
    let request: PoRequest = codec::decode(&bytes).ok()?;
    let digest = Context::from(config).leaf(about.originator, &request);
    let right = codec::encode(&request) == bytes
        && request.seq == about.seq
        && digest == about.digest
        && parts_of(config, &request).root == about.root;
    right.then_some((digest, request))
}

#[cfg(test)]
mod tests {
    use super::{inverse, parts_of_bytes, product, value_at};
    use crate::kit::config;

    #[test]
    fn the_field_is_the_one_of_the_contract() {
        assert_eq!(product(0x80, 2), 0x1d);
        assert_eq!(product(0x57, 0x13), product(0x13, 0x57));
        for a in 1..=255 {
            assert_eq!(product(a, inverse(a)), 1);
        }
        // x generates all 255 elements but zero.
        let mut power = 1;
        let order = (1..).find(|_| {
            power = product(power, 2);
            power == 1
        });
        assert_eq!(order, Some(255));
    }

    #[test]
    fn the_contracts_example_has_these_parts() {
        let bytes: Vec<u8> = (0..13).collect();
        let parts = parts_of_bytes(&config(), &bytes).parts;
        assert_eq!(parts[0], [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(parts[1], [7, 8, 9, 10, 11, 12, 0]);
        // p(x) = p(0) + x (p(0) + p(1)), worked out by hand.
        assert_eq!(parts[2], [0x0e, 0x13, 0x14, 0x11, 0x1a, 0x17, 0x0a]);
        assert_eq!(parts[3], [0x09, 0x1a, 0x1f, 0x18, 0x15, 0x1e, 0x0c]);
        assert_eq!(value_at(&[(2, &parts[2]), (3, &parts[3])], 1), parts[1]);
    }
}
