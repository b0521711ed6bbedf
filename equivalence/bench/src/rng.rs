//! The one source of chance. Everything the bench draws comes from a seed and a position.

/// SplitMix64: eight bytes of state, so that each case can have a stream of its own.
#[derive(Clone, Debug)]
pub(crate) struct Rng(u64);

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

fn scramble(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

impl Rng {
    /// The stream that belongs to these numbers, taken together.
    pub(crate) fn of(parts: &[u64]) -> Self {
        let mix = |seed: u64, part: &u64| scramble(seed.wrapping_add(STEP) ^ scramble(*part));
        Self(parts.iter().fold(0, mix))
    }

    /// The next 64 bits.
    pub(crate) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        scramble(self.0)
    }

    /// A number below `bound`; 0 if `bound` is 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let product = u128::from(self.draw()) * u128::from(bound);
        u64::try_from(product >> 64).expect("the high half of a 128-bit product")
    }

    /// A position in something of `length`; 0 if that is empty.
    pub(crate) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).expect("below a length")
    }

    /// True that many times in a hundred.
    pub(crate) fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }

    /// One of `items`, if there are any.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.index(items.len()))
    }

    /// One of `items`.
    pub(crate) fn choose<T: Copy, const N: usize>(&mut self, items: [T; N]) -> T {
        items[self.index(N)]
    }

    /// `value`, one less or one more.
    pub(crate) fn near(&mut self, value: u64) -> u64 {
        match self.below(3) {
            0 => value.saturating_sub(1),
            1 => value,
            _ => value.saturating_add(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_means_the_same_numbers_for_ever() {
        let mut rng = Rng::of(&[1, 2]);
        let drawn = [rng.draw(), rng.draw()];
        assert_eq!(drawn, [Rng::of(&[1, 2]).draw(), drawn[1]]);
        assert_ne!(Rng::of(&[1, 2]).draw(), Rng::of(&[2, 1]).draw());
        assert_ne!(Rng::of(&[0]).draw(), Rng::of(&[0, 0]).draw());
    }

    #[test]
    fn draws_keep_their_bounds() {
        let mut rng = Rng::of(&[7]);
        for _ in 0..1000 {
            assert!(rng.index(3) < 3 && rng.near(5).abs_diff(5) < 2);
        }
        assert_eq!((rng.below(0), rng.near(0) < 2, rng.pick::<u8>(&[])), (0, true, None));
        assert!(!rng.percent(0) && rng.percent(100));
    }
}
