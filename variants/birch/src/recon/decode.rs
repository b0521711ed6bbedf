//! Rebuilds content from the parts of f+1 servers.
//!
//! Byte by byte, part r is the value at r of a polynomial of degree at most f over the field of 256
//! elements, and the values at 0, 1, .. f are the body's.

use prime::pre_order::Content;
use prime::pre_order::RequestBody;
use prime::recon::MAX_BODY;
use prime::recon::part_length;
use std::borrow::Cow;
use std::collections::BTreeMap;
use wire::Config;
use wire::ReplicaId;
use wire::auth::Context;
use wire::codec;
use wire::prime::PoRequest;
use wire::prime::Recon;

/// 4.1, "Reconciliation"
pub fn decode(
    config: &Config,
    about: &Recon,
    parts: &BTreeMap<ReplicaId, Vec<u8>>,
) -> Option<Content> {
    let length = usize::try_from(about.length)
        .ok()
        .filter(|length| (1..=MAX_BODY).contains(length))?;
    let piece = part_length(config, length);
    let rows = placed(config, piece, parts)?;
    let mut body = joined(&rows, piece);
    body.truncate(length);
    codec::decode::<PoRequest>(&body)
        .ok()
        .and_then(|request| named(config, about, request))
        .filter(|content| {
            let parts = prime::recon::encode(config, content);
            parts.root == about.root && parts.length == about.length
        })
}

/// The parts of the f+1 lowest ids, by row; none unless there are so many and each of them can be a
/// part. The others are not looked at.
fn placed<'a>(
    config: &Config,
    piece: usize,
    parts: &'a BTreeMap<ReplicaId, Vec<u8>>,
) -> Option<Vec<(u8, &'a [u8])>> {
    parts
        .iter()
        .take(config.one_correct())
        .map(|(sender, part)| {
            Some(*sender)
                .filter(|sender| config.is_replica(*sender) && part.len() == piece)
                .and_then(|sender| sender.0.checked_sub(1))
                .and_then(|row| u8::try_from(row).ok())
                .map(|row| (row, part.as_slice()))
        })
        .collect::<Option<Vec<_>>>()
        .filter(|rows| rows.len() == config.one_correct())
}

/// The pieces of the body, one after the other, with their padding.
fn joined(rows: &[(u8, &[u8])], piece: usize) -> Vec<u8> {
    let nodes: Vec<u8> = rows.iter().map(|(row, _)| *row).collect();
    let weights = weights(&nodes);
    let values = || rows.iter().map(|(_, part)| *part);
    (0_u8..=u8::MAX)
        .take(rows.len())
        .map(|place| match rows.binary_search_by_key(&place, |(row, _)| *row) {
            Ok(found) => Cow::Borrowed(rows.get(found).map_or(&[][..], |(_, part)| *part)),
            Err(_) => Cow::Owned(blend(piece, shares(&nodes, &weights, place), values())),
        })
        .collect::<Vec<_>>()
        .concat()
}

/// The request as content, if it is the one that `about` names.
fn named(config: &Config, about: &Recon, request: PoRequest) -> Option<Content> {
    let digest = Context::from(config).leaf(about.originator, &request);
    (request.seq == about.seq && digest == about.digest).then(|| Content {
        digest,
        body: RequestBody::from(request),
    })
}

/// The products of all pairs in the field of 256 elements modulo x^8 + x^4 + x^3 + x^2 + 1.
const PRODUCTS: &[[u8; 256]; 256] = &products();

/// Fills [`PRODUCTS`]: the row of 2a and of 2a + 1 follow from that of a.
const fn products() -> [[u8; 256]; 256] {
    let mut table = [[0; 256]; 256];
    let mut a = 1;
    while a < 256 {
        let mut b = 0;
        while b < 256 {
            let half = table[a >> 1][b];
            let double = (half << 1) ^ ((half >> 7) * 0x1D);
            table[a][b] = double ^ if a & 1 == 1 { b as u8 } else { 0 };
            b += 1;
        }
        a += 1;
    }
    table
}

/// The product of two elements.
fn times(a: u8, b: u8) -> u8 {
    PRODUCTS[usize::from(a)][usize::from(b)]
}

/// What times `a` is 1, which is `a` to the 254th; 0 of 0.
fn inverse(a: u8) -> u8 {
    let square = |x: u8| times(x, x);
    std::iter::successors(Some(square(a)), |power| Some(square(*power)))
        .take(7)
        .fold(1, times)
}

/// By node: the inverse of the product of its differences from all others.
fn weights(nodes: &[u8]) -> Vec<u8> {
    nodes
        .iter()
        .map(|node| {
            inverse(
                nodes
                    .iter()
                    .filter(|other| *other != node)
                    .fold(1, |product, other| times(product, node ^ other)),
            )
        })
        .collect()
}

/// By node: how much the value there counts in the value at `place` (Lagrange).
fn shares(nodes: &[u8], weights: &[u8], place: u8) -> Vec<u8> {
    if nodes.contains(&place) {
        return nodes.iter().map(|node| u8::from(*node == place)).collect();
    }
    let all = nodes
        .iter()
        .fold(1, |product, node| times(product, place ^ node));
    nodes
        .iter()
        .zip(weights)
        .map(|(node, weight)| times(times(all, *weight), inverse(place ^ node)))
        .collect()
}

/// The sum of all values, each times its share.
fn blend<'a>(
    length: usize,
    shares: Vec<u8>,
    values: impl Iterator<Item = &'a [u8]>,
) -> Vec<u8> {
    shares
        .into_iter()
        .zip(values)
        .filter(|(share, _)| *share != 0)
        .fold(vec![0; length], |mut sum, (share, value)| {
            let row = &PRODUCTS[usize::from(share)];
            sum.iter_mut()
                .zip(value)
                .for_each(|(sum, byte)| *sum ^= row[usize::from(*byte)]);
            sum
        })
}
