//! Cuts a PO-Request into N parts of which any f+1 suffice.
//!
//! Byte by byte, the f+1 pieces of the body are the values at 0, 1, .. f of a polynomial of degree
//! at most f over the field of 256 elements; part r is the value at r.

use prime::pre_order::Content;
use prime::recon::Parts;
use prime::recon::part_leaf;
use prime::recon::part_length;
use wire::Config;
use wire::Digest;
use wire::codec;
use wire::merkle::Tree;

/// 4.1, "Reconciliation", Figure 3, lines A9 and A10
pub fn encode(config: &Config, content: &Content) -> Parts {
    let body = codec::encode(&*content.body);
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let parts = spread(body, config);
    let (root, paths) = if parts.is_empty() {
        (Digest::default(), Vec::new())
    } else {
        let tree = Tree::new(parts.iter().map(|part| part_leaf(part)).collect());
        (tree.root(), (0..parts.len()).map(|row| tree.path(row)).collect())
    };
    Parts {
        root,
        length,
        parts,
        paths,
    }
}

/// All parts of `body`, by row.
fn spread(mut body: Vec<u8>, config: &Config) -> Vec<Vec<u8>> {
    let pieces = config.one_correct();
    let piece = part_length(config, body.len()).max(1);
    body.resize(pieces.saturating_mul(piece), 0);
    let nodes: Vec<u8> = (0..pieces).map(|row| row as u8).collect();
    let weights = weights(&nodes);
    let coded = (pieces..config.size()).map(|row| {
        blend(
            piece,
            shares(&nodes, &weights, row as u8),
            body.chunks_exact(piece),
        )
    });
    body.chunks_exact(piece)
        .map(<[u8]>::to_vec)
        .chain(coded)
        .take(config.size())
        .collect()
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
