//! Latencies, counted in buckets at most 1/64 wide.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Bits of a value that a bucket keeps beside its leading one.
const KEPT: u32 = 6;

/// Counts of values. Unit: microseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    /// Count by least value of the bucket.
    buckets: BTreeMap<u64, u64>,
    count: u64,
}

impl Histogram {
    /// Adds one value.
    pub fn add(&mut self, micros: u64) {
        let dropped = (u64::BITS - micros.leading_zeros()).saturating_sub(KEPT + 1);
        *self.buckets.entry(micros >> dropped << dropped).or_default() += 1;
        self.count += 1;
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, count) in &other.buckets {
            *self.buckets.entry(*bucket).or_default() += count;
        }
        self.count += other.count;
    }

    /// Number of values.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The value that `percent` of all values do not exceed, up to a bucket; 0 if there are none.
    #[must_use]
    pub fn percentile(&self, percent: u64) -> u64 {
        let rank = (self.count * percent).div_ceil(100).max(1);
        let mut seen = 0;
        for (bucket, count) in &self.buckets {
            seen += count;
            if seen >= rank {
                return *bucket;
            }
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::Histogram;

    #[test]
    fn percentiles_are_within_a_sixty_fourth() {
        let mut histogram = Histogram::default();
        (1..=10_000).for_each(|micros| histogram.add(micros));
        for (percent, exact) in [(1, 100), (50, 5_000), (99, 9_900), (100, 10_000)] {
            let found = histogram.percentile(percent);
            assert!(found <= exact && exact - found <= exact / 64, "{percent}: {found}");
        }
        assert_eq!(Histogram::default().percentile(50), 0);
    }

    #[test]
    fn merging_is_counting_together() {
        let (mut one, mut two, mut all) = <(Histogram, Histogram, Histogram)>::default();
        for micros in [0, 3, 700, 1_000_000, u64::MAX] {
            one.add(micros);
            two.add(micros + u64::from(micros < 10));
            all.add(micros);
            all.add(micros + u64::from(micros < 10));
        }
        one.merge(&two);
        assert_eq!(one, all);
    }
}
