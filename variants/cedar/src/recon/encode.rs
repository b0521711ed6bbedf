//! The parts as the values of one polynomial for each byte position: of lowest degree, with part j of
//! the encoding at point j, over the field of 256 elements with x^8 + x^4 + x^3 + x^2 + 1.

use prime::pre_order::Content;
use prime::recon::{Parts, part_leaf, part_length};
use wire::merkle::{Path, Tree};
use wire::prime::PoRequest;
use wire::{Config, Digest, codec};

/// The field: powers of its generator, twice in a row, and logarithms.
struct Field {
    powers: [u8; 512],
    logs: [u8; 256],
}

const FIELD: Field = field();

const fn field() -> Field {
    let mut powers = [0; 512];
    let mut logs = [0; 256];
    let mut value: u16 = 1;
    let mut exponent = 0;
    while exponent < 255 {
        powers[exponent] = value as u8;
        powers[exponent + 255] = value as u8;
        logs[value as usize] = exponent as u8;
        value <<= 1;
        if value > 255 {
            value ^= 0x11d;
        }
        exponent += 1;
    }
    powers[510] = powers[0];
    powers[511] = powers[1];
    Field { powers, logs }
}

impl Field {
    fn times(&self, a: u8, b: u8) -> u8 {
        if a == 0 || b == 0 {
            return 0;
        }
        let sum = usize::from(self.logs[usize::from(a)]) + usize::from(self.logs[usize::from(b)]);
        self.powers[sum]
    }

    /// The inverse; 0 for 0.
    fn inverse(&self, a: u8) -> u8 {
        if a == 0 { 0 } else { self.powers[255 - usize::from(self.logs[usize::from(a)])] }
    }

    /// How much the value at `points[index]` counts at `at`.
    fn weight(&self, points: &[u8], index: usize, at: u8) -> u8 {
        let own = points.get(index).copied().unwrap_or_default();
        let others = points.iter().enumerate().filter(|(other, _)| *other != index);
        let (above, below) = others.fold((1, 1), |(above, below), (_, other)| {
            (self.times(above, at ^ other), self.times(below, own ^ other))
        });
        self.times(above, self.inverse(below))
    }

    /// Adds `weight` times `bytes` to `sum`.
    fn add(&self, sum: &mut [u8], weight: u8, bytes: &[u8]) {
        if sum.len() < 256 {
            for (sum, byte) in sum.iter_mut().zip(bytes) {
                *sum ^= self.times(weight, *byte);
            }
            return;
        }
        let mut products = [0; 256];
        for (byte, product) in (0..=u8::MAX).zip(products.iter_mut()) {
            *product = self.times(weight, byte);
        }
        for (sum, byte) in sum.iter_mut().zip(bytes) {
            *sum ^= products[usize::from(*byte)];
        }
    }
}

/// The point of row `row`.
fn point(row: usize) -> u8 {
    u8::try_from(row & 0xff).unwrap_or_default()
}

/// Cuts `bytes` into `count` pieces of `length`, the last ones filled up with zeros.
fn cut(bytes: &[u8], count: usize, length: usize) -> Vec<Vec<u8>> {
    let mut rest = bytes;
    (0..count)
        .map(|_| {
            let (head, tail) = rest.split_at(length.min(rest.len()));
            rest = tail;
            let mut piece = Vec::with_capacity(length);
            piece.extend_from_slice(head);
            piece.resize(length, 0);
            piece
        })
        .collect()
}

/// The piece at row `row` that follows from `data`.
fn extend(data: &[Vec<u8>], row: usize, length: usize) -> Vec<u8> {
    let field = &FIELD;
    let points: Vec<u8> = (0..data.len()).map(point).collect();
    let mut sum = vec![0; length];
    for (index, bytes) in data.iter().enumerate() {
        field.add(&mut sum, field.weight(&points, index, point(row)), bytes);
    }
    sum
}

/// The root over all parts and the path of each.
fn prove(parts: &[Vec<u8>]) -> (Digest, Vec<Path>) {
    if parts.is_empty() {
        return (Digest::default(), Vec::new());
    }
    let tree = Tree::new(parts.iter().map(|part| part_leaf(part)).collect());
    (tree.root(), (0..parts.len()).map(|row| tree.path(row)).collect())
}

/// Cuts a PO-Request into N parts of which any f+1 suffice.
pub fn encode(config: &Config, content: &Content) -> Parts {
    let body: &PoRequest = &content.body;
    let bytes = codec::encode(body);
    let length = part_length(config, bytes.len());
    let data = cut(&bytes, config.one_correct(), length);
    let more: Vec<Vec<u8>> =
        (data.len()..config.size()).map(|row| extend(&data, row, length)).collect();
    let parts: Vec<Vec<u8>> = data.into_iter().chain(more).take(config.size()).collect();
    let (root, paths) = prove(&parts);
    Parts { root, length: u32::try_from(bytes.len()).unwrap_or(u32::MAX), parts, paths }
}
