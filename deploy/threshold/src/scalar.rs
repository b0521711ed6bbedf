//! Numbers modulo the order r of the groups, and how shares are weighed (Lagrange interpolation).
//!
//! What is computed with secrets here is computed by the dealer alone, once: times may depend on
//! the numbers.

use std::array;

/// r, in limbs of 64 bits, the lowest first. Below 2^255.
const ORDER: [u64; 4] =
    [0xffff_ffff_0000_0001, 0x53bd_a402_fffe_5bfe, 0x3339_d808_09a1_d805, 0x73ed_a753_299d_7d48];

/// Bits of a scalar.
pub(crate) const BITS: usize = 255;

/// A number below r.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Scalar([u64; 4]);

/// `a - b`, and whether that is below zero (then 2^256 was added).
fn difference(a: [u64; 4], b: [u64; 4]) -> ([u64; 4], bool) {
    let mut borrow = false;
    let limbs = array::from_fn(|at| {
        let (once, first) = a[at].overflowing_sub(b[at]);
        let (twice, second) = once.overflowing_sub(u64::from(borrow));
        borrow = first || second;
        twice
    });
    (limbs, borrow)
}

impl Scalar {
    pub(crate) const ZERO: Self = Self([0; 4]);
    pub(crate) const ONE: Self = Self::from_u64(1);

    pub(crate) const fn from_u64(number: u64) -> Self {
        Self([number, 0, 0, 0])
    }

    /// The number with these bytes, the highest first, if it is below r.
    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Option<Self> {
        let mut limbs = [0; 4];
        for (limb, bytes) in limbs.iter_mut().zip(bytes.rchunks_exact(8)) {
            *limb = bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        }
        difference(limbs, ORDER).1.then_some(Self(limbs))
    }

    /// Its bytes, the lowest first.
    pub(crate) fn to_le_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (bytes, limb) in bytes.chunks_exact_mut(8).zip(self.0) {
            bytes.copy_from_slice(&limb.to_le_bytes());
        }
        bytes
    }

    /// Its bytes, the highest first.
    pub(crate) fn to_bytes(self) -> [u8; 32] {
        let mut bytes = self.to_le_bytes();
        bytes.reverse();
        bytes
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        let mut carry = false;
        let sum = array::from_fn(|at| {
            let (once, first) = self.0[at].overflowing_add(other.0[at]);
            let (twice, second) = once.overflowing_add(u64::from(carry));
            carry = first || second;
            twice
        });
        // Both are below 2^255, so nothing is carried out of the last limb.
        match difference(sum, ORDER) {
            (_, true) => Self(sum),
            (rest, false) => Self(rest),
        }
    }

    pub(crate) fn negated(self) -> Self {
        if self == Self::ZERO { self } else { Self(difference(ORDER, self.0).0) }
    }

    pub(crate) fn times(self, other: Self) -> Self {
        let mut product = Self::ZERO;
        for limb in other.0.into_iter().rev().skip_while(|limb| *limb == 0) {
            for bit in (0..64).rev() {
                product = product.plus(product);
                if limb >> bit & 1 == 1 {
                    product = product.plus(self);
                }
            }
        }
        product
    }

    /// The quotient and the rest of r divided by `by`, which is not 0.
    fn order_by(by: u64) -> (Self, u64) {
        let mut rest = 0;
        let mut limbs = [0; 4];
        for at in (0..4).rev() {
            let dividend = u128::from(rest) << 64 | u128::from(ORDER[at]);
            let quotient = dividend / u128::from(by);
            limbs[at] = u64::try_from(quotient).expect("the rest is below the divisor");
            rest = u64::try_from(dividend % u128::from(by)).expect("below the divisor");
        }
        (Self(limbs), rest)
    }
}

/// Weighs the values that a polynomial has at some places, so that they add up to the one at another.
pub(crate) struct Weights {
    /// Inverses of 1, 2 and so on.
    inverses: Vec<Scalar>,
}

impl Weights {
    /// For places from 0 to `most`.
    pub(crate) fn new(most: u16) -> Self {
        let mut inverses = vec![Scalar::ONE];
        for number in 2..=u64::from(most) {
            // r = quotient * number + rest, and the rest, which is below the number, has its inverse.
            let (quotient, rest) = Scalar::order_by(number);
            let at = usize::try_from(rest - 1).expect("below a place");
            let inverse: Scalar = inverses[at];
            inverses.push(quotient.negated().times(inverse));
        }
        Self { inverses }
    }

    /// The weight of each of the values at `places`, which differ, in the value at `at`.
    pub(crate) fn at(&self, at: u16, places: &[u16]) -> Vec<Scalar> {
        let weight = |place: &u16| {
            let others = places.iter().filter(|other| *other != place);
            others.fold(Scalar::ONE, |weight, other| {
                let steps = Scalar::from_u64(u64::from(at.abs_diff(*other)));
                let inverse = self.inverses[usize::from(place.abs_diff(*other)) - 1];
                let weight = weight.times(steps).times(inverse);
                if (at < *other) == (place < other) { weight } else { weight.negated() }
            })
        };
        places.iter().map(weight).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scalar() -> impl Strategy<Value = Scalar> {
        any::<[u8; 32]>().prop_map(|mut bytes| {
            bytes[0] &= 0x3f;
            Scalar::from_bytes(bytes).unwrap()
        })
    }

    #[test]
    fn numbers_from_r_on_are_none() {
        let minus_one = Scalar::ONE.negated();
        assert_eq!(minus_one.plus(Scalar::ONE), Scalar::ZERO);
        let mut bytes = minus_one.to_bytes();
        assert_eq!(Scalar::from_bytes(bytes), Some(minus_one));
        bytes[31] += 1;
        assert_eq!(Scalar::from_bytes(bytes), None, "r itself");
        assert_eq!(Scalar::from_bytes([0xff; 32]), None);
    }

    #[test]
    fn inverses_are() {
        let weights = Weights::new(64);
        assert_eq!(weights.inverses.len(), 64);
        for (number, inverse) in (1..).zip(&weights.inverses) {
            assert_eq!(inverse.times(Scalar::from_u64(number)), Scalar::ONE, "{number}");
        }
    }

    proptest! {
        #[test]
        fn the_rules_of_a_field_hold(a in scalar(), b in scalar(), c in scalar()) {
            prop_assert_eq!(a.plus(b), b.plus(a));
            prop_assert_eq!(a.times(b), b.times(a));
            prop_assert_eq!(a.times(b.plus(c)), a.times(b).plus(a.times(c)));
            prop_assert_eq!(a.times(b).times(c), a.times(b.times(c)));
            prop_assert_eq!(a.plus(a.negated()), Scalar::ZERO);
            prop_assert_eq!(Scalar::from_bytes(a.to_bytes()), Some(a));
        }

        #[test]
        fn values_of_a_polynomial_give_its_others(
            coefficients in prop::collection::vec(scalar(), 1..8),
            at in 0_u16..=64,
        ) {
            let value = |place: u16| {
                let place = Scalar::from_u64(u64::from(place));
                let step = |sum: Scalar, next: &Scalar| sum.times(place).plus(*next);
                coefficients.iter().rev().fold(Scalar::ZERO, step)
            };
            let places: Vec<u16> = (1..=64).rev().step_by(7).take(coefficients.len()).collect();
            let weights = Weights::new(64).at(at, &places);
            let parts = weights.iter().zip(&places).map(|(weight, place)| weight.times(value(*place)));
            prop_assert_eq!(parts.fold(Scalar::ZERO, Scalar::plus), value(at));
        }
    }
}
