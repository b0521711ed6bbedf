//! A PO-Request in N parts: the data parts themselves, and what their polynomial has beyond them.

use prime::pre_order::Content;
use prime::recon::{Parts, part_leaf, part_length};
use wire::merkle::Tree;
use wire::prime::PoRequest;
use wire::{Config, Digest};

/// Powers of the element 2, twice over.
const EXP: &[u8; 510] = &powers();

/// Of which power of 2 an element is; 0, which is none, has 0.
const LOG: &[u16; 256] = &logarithms();

/// All products.
const MUL: &[[u8; 256]; 256] = &products();

const fn powers() -> [u8; 510] {
    let mut table = [0_u8; 510];
    let mut value = 1_u16;
    let mut at = 0;
    while at < 255 {
        table[at] = value as u8;
        table[at + 255] = value as u8;
        value <<= 1;
        if value >= 256 {
            value ^= 0x11d;
        }
        at += 1;
    }
    table
}

const fn logarithms() -> [u16; 256] {
    let mut table = [0_u16; 256];
    let mut at = 0;
    while at < 255 {
        table[EXP[at] as usize] = at as u16;
        at += 1;
    }
    table
}

const fn products() -> [[u8; 256]; 256] {
    let mut table = [[0_u8; 256]; 256];
    let mut a = 1;
    while a < 256 {
        let mut b = 1;
        while b < 256 {
            table[a][b] = EXP[(LOG[a] + LOG[b]) as usize];
            b += 1;
        }
        a += 1;
    }
    table
}

/// The logarithm of the difference of two elements; of equal ones, which is never asked for, 0.
fn log_difference(a: u8, b: u8) -> u32 {
    u32::from(LOG[usize::from(a ^ b)])
}

/// Adds `factor` times `data` to `sum`, byte by byte.
fn add_multiple(sum: &mut [u8], data: &[u8], factor: u8) {
    let row = &MUL[usize::from(factor)];
    let len = sum.len();
    let Some(data) = data.get(..len) else {
        return;
    };
    let mut at = 0;
    while at < len {
        sum[at] ^= row[usize::from(data[at])];
        at += 1;
    }
}

/// For each of `points` the logarithm of the product of its differences from all others, from 0 to 254.
fn weights(points: &[u8]) -> Vec<u32> {
    let mut list = Vec::with_capacity(points.len());
    for a in points {
        let mut sum = 0;
        for b in points {
            if a != b {
                sum += log_difference(*a, *b);
            }
        }
        list.push(sum % 255);
    }
    list
}

/// The value at `x`, which is none of `points`, of the polynomial that has `values` there.
fn interpolate(points: &[u8], weights: &[u32], values: &[&[u8]], x: u8, size: usize) -> Vec<u8> {
    let mut total = 0;
    for point in points {
        total += log_difference(x, *point);
    }
    total %= 255;
    let mut sum = vec![0_u8; size];
    let mut at = 0;
    while let (Some(point), Some(weight), Some(value)) =
        (points.get(at), weights.get(at), values.get(at))
    {
        // Both subtrahends are below 255.
        let power = (total + 510 - log_difference(x, *point) - weight) % 255;
        if let Ok(power) = usize::try_from(power)
            && let Some(factor) = EXP.get(power)
        {
            add_multiple(&mut sum, value, *factor);
        }
        at += 1;
    }
    sum
}

/// Cuts a PO-Request into N parts of which any f+1 suffice.
pub fn encode(config: &Config, content: &Content) -> Parts {
    let n = config.size();
    let count = usize::from(config.f) + 1;
    let mut bytes = wire::codec::encode::<PoRequest>(&content.body);
    let mut length = u32::MAX;
    if let Ok(fits) = u32::try_from(bytes.len()) {
        length = fits;
    }
    let size = part_length(config, bytes.len());
    bytes.resize(size * count, 0);

    let mut points = Vec::with_capacity(count);
    let mut values = Vec::with_capacity(count);
    let mut d = 0_usize;
    while d < count {
        let Some(value) = bytes.get(d * size..(d + 1) * size) else {
            break;
        };
        points.push(d as u8);
        values.push(value);
        d += 1;
    }
    let weights = weights(&points);

    let mut parts = Vec::with_capacity(n);
    let mut leaves = Vec::with_capacity(n);
    let mut row = 0_usize;
    while row < n {
        let part;
        if let Some(value) = values.get(row) {
            part = value.to_vec();
        } else {
            part = interpolate(&points, &weights, &values, row as u8, size);
        }
        leaves.push(part_leaf(&part));
        parts.push(part);
        row += 1;
    }
    if leaves.is_empty() {
        return Parts { root: Digest::default(), length, parts, paths: Vec::new() };
    }

    let tree = Tree::new(leaves);
    let mut paths = Vec::with_capacity(n);
    row = 0;
    while row < n {
        paths.push(tree.path(row));
        row += 1;
    }
    Parts { root: tree.root(), length, parts, paths }
}
