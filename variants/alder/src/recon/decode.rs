//! Content from the parts of f+1 servers, held against all that is known of it.

use std::collections::BTreeMap;

use prime::pre_order::{Content, RequestBody};
use prime::recon::{MAX_BODY, part_length};
use wire::auth::Context;
use wire::prime::{PoRequest, Recon};
use wire::{Config, ReplicaId};

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

/// Rebuilds the content that `about` describes.
pub fn decode(
    config: &Config,
    about: &Recon,
    parts: &BTreeMap<ReplicaId, Vec<u8>>,
) -> Option<Content> {
    let Ok(length) = usize::try_from(about.length) else {
        return None;
    };
    if length == 0 || length > MAX_BODY {
        return None;
    }
    let count = usize::from(config.f) + 1;
    if parts.len() < count {
        return None;
    }
    let size = part_length(config, length);

    // The parts that are used, and where the polynomial has them.
    let mut points: Vec<u8> = Vec::with_capacity(count);
    let mut values: Vec<&[u8]> = Vec::with_capacity(count);
    for (id, part) in parts {
        if points.len() == count {
            break;
        }
        if part.len() != size {
            return None;
        }
        let Some(row) = id.0.checked_sub(1) else {
            return None;
        };
        let Ok(point) = u8::try_from(row) else {
            return None;
        };
        points.push(point);
        values.push(part);
    }

    // The data parts, one after the other.
    let weights = weights(&points);
    let mut bytes = Vec::with_capacity(size * count);
    let mut d = 0_usize;
    while d < count && bytes.len() < length {
        let x = d as u8;
        let mut there = None;
        let mut at = 0_usize;
        while let (Some(point), Some(value)) = (points.get(at), values.get(at)) {
            if *point == x {
                there = Some(*value);
                break;
            }
            at += 1;
        }
        if let Some(value) = there {
            bytes.extend_from_slice(value);
        } else {
            bytes.extend_from_slice(&interpolate(&points, &weights, &values, x, size));
        }
        d += 1;
    }
    let Some(encoding) = bytes.get(..length) else {
        return None;
    };

    let Ok(request) = wire::codec::decode::<PoRequest>(encoding) else {
        return None;
    };
    if request.seq != about.seq {
        return None;
    }
    if Context::from(config).leaf(about.originator, &request) != about.digest {
        return None;
    }
    let content = Content { digest: about.digest, body: RequestBody::from(request) };
    if prime::recon::encode(config, &content).root != about.root {
        return None;
    }
    Some(content)
}
