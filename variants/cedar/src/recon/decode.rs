//! The f+1 parts are values of one polynomial for each byte position; the pieces of the encoding that
//! are lacking are its values at their own points. The field is that of 256 elements with
//! x^8 + x^4 + x^3 + x^2 + 1.

use prime::pre_order::{Content, RequestBody};
use prime::recon::{MAX_BODY, encode, part_length};
use std::collections::BTreeMap;
use wire::auth::Context;
use wire::prime::{PoRequest, Recon};
use wire::{Config, ReplicaId, codec};

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

/// The parts that are used, by the point of their row.
struct Known<'a> {
    points: Vec<u8>,
    parts: Vec<&'a [u8]>,
}

/// The first f+1 parts, if there are as many and each is of a replica and of the right length.
fn known<'a>(
    config: &Config,
    length: usize,
    parts: &'a BTreeMap<ReplicaId, Vec<u8>>,
) -> Option<Known<'a>> {
    let need = config.one_correct();
    let mut known =
        Known { points: Vec::with_capacity(need), parts: Vec::with_capacity(need) };
    for (sender, part) in parts.iter().take(need) {
        if !config.is_replica(*sender) || part.len() != length {
            return None;
        }
        known.points.push(u8::try_from(sender.0.checked_sub(1)?).ok()?);
        known.parts.push(part);
    }
    (known.points.len() == need).then_some(known)
}

/// Appends the piece of row `row` to `bytes`.
fn append(known: &Known<'_>, row: u8, length: usize, bytes: &mut Vec<u8>) {
    if let Some((_, part)) =
        known.points.iter().zip(&known.parts).find(|(point, _)| **point == row)
    {
        bytes.extend_from_slice(part);
        return;
    }
    let field = &FIELD;
    let from = bytes.len();
    bytes.resize(from + length, 0);
    let Some(sum) = bytes.get_mut(from..) else {
        return;
    };
    for (index, part) in known.parts.iter().enumerate() {
        field.add(sum, field.weight(&known.points, index, row), part);
    }
}

/// Rebuilds the content that `about` describes from the parts of f+1 servers.
pub fn decode(
    config: &Config,
    about: &Recon,
    parts: &BTreeMap<ReplicaId, Vec<u8>>,
) -> Option<Content> {
    let whole = usize::try_from(about.length).ok()?;
    if !(1..=MAX_BODY).contains(&whole) {
        return None;
    }
    let length = part_length(config, whole);
    let known = known(config, length, parts)?;
    let mut bytes = Vec::with_capacity(length.checked_mul(known.parts.len())?);
    for row in (0..=u8::MAX).take(known.parts.len()) {
        append(&known, row, length, &mut bytes);
    }
    let body: PoRequest = codec::decode(bytes.get(..whole)?).ok()?;
    let digest = Context::from(config).leaf(about.originator, &body);
    if body.seq != about.seq || digest != about.digest {
        return None;
    }
    let content = Content { digest, body: RequestBody::from(body) };
    // Parts that no encoding has may give the same content; what was vouched for is the root.
    let again = encode(config, &content);
    (again.root == about.root && again.length == about.length).then_some(content)
}
