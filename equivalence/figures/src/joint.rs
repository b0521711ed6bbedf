//! The chance that more of a cluster's versions fail on one input than it tolerates.

use crate::failures::Failures;
use crate::question::Question;
use rand::SeedableRng as _;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Binomial, Distribution as _};
use std::collections::BTreeMap;

/// A chance with a 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The figure.
    pub estimate: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
    /// Whether too many failed nowhere, so that the upper end is 3 / inputs: the 95 % bound when
    /// nothing was seen.
    pub nothing_seen: bool,
}

/// ln k! for all k up to a number.
struct Factorials(Vec<f64>);

impl Factorials {
    fn up_to(most: u32) -> Self {
        let mut sum = 0.0;
        let logs = (1..=most).map(|k| {
            sum += f64::from(k).ln();
            sum
        });
        Self(std::iter::once(0.0).chain(logs).collect())
    }

    /// ln of the number of ways to choose.
    fn choose(&self, from: u32, take: u32) -> f64 {
        let log = |k: u32| self.0[k as usize];
        log(from) - log(take) - log(from - take)
    }

    /// The chance that of `take` versions, drawn without replacement from `all` of which `bad`
    /// fail, more than `most` fail: the upper tail of a hypergeometric distribution.
    fn more_than(&self, most: u32, all: u32, bad: u32, take: u32) -> f64 {
        let good = all - bad;
        // No more than there are, and as many as the good ones leave open.
        let (least, highest) = ((most + 1).max(take.saturating_sub(good)), bad.min(take));
        let ways = |failing: u32| {
            let log = self.choose(bad, failing) + self.choose(good, take - failing)
                - self.choose(all, take);
            log.exp()
        };
        (least..=highest).map(ways).sum::<f64>().min(1.0)
    }
}

/// The chance that on a random input more than `question.tolerate` of `question.replicas` random
/// distinct versions fail. The estimate is exact for the inputs seen; the interval is the
/// percentile interval of a bootstrap over inputs.
///
/// # Panics
/// If there are no inputs, or if the question does not fit: see [`Question::check`].
#[must_use]
pub fn more_than(failures: &Failures, question: &Question) -> Estimate {
    assert_eq!(question.check(failures), Ok(()), "the question was to be checked");
    assert!(failures.inputs() > 0, "a share of no inputs");
    let inputs = failures.inputs();
    let factorials = Factorials::up_to(failures.versions());
    // Inputs are alike if equally many versions fail on them.
    let mut alike: BTreeMap<usize, u64> = BTreeMap::new();
    for (failed, count) in failures.patterns() {
        *alike.entry(failed.len()).or_default() += count;
    }
    let chance = |bad: usize| {
        let bad = u32::try_from(bad).expect("versions are counted in 32 bits");
        factorials.more_than(question.tolerate, failures.versions(), bad, question.replicas)
    };
    let groups: Vec<(u64, f64)> = alike
        .into_iter()
        .map(|(bad, count)| (count, chance(bad)))
        .filter(|(_, chance)| *chance > 0.0)
        .collect();
    let mean = |counts: &mut dyn Iterator<Item = u64>| {
        let sum: f64 = counts.zip(&groups).map(|(count, (_, chance))| count as f64 * chance).sum();
        sum / inputs as f64
    };
    let estimate = mean(&mut groups.iter().map(|(count, _)| *count));
    if groups.is_empty() {
        let high = (3.0 / inputs as f64).min(1.0);
        return Estimate { estimate, low: 0.0, high, nothing_seen: true };
    }
    let mut random = ChaCha8Rng::seed_from_u64(question.seed);
    let counts: Vec<u64> = groups.iter().map(|(count, _)| *count).collect();
    let resample = |_| mean(&mut resampled(&counts, inputs, &mut random).into_iter());
    let mut means: Vec<f64> = (0..question.samples).map(resample).collect();
    means.sort_by(f64::total_cmp);
    let (low, high) = (percentile(&means, 25), percentile(&means, 975));
    Estimate { estimate, low, high, nothing_seen: false }
}

/// How many of `inputs` inputs, drawn with replacement, are of each group: a multinomial draw,
/// group after group. What is left over is of no group.
pub(crate) fn resampled(counts: &[u64], inputs: u64, random: &mut ChaCha8Rng) -> Vec<u64> {
    let (mut left, mut others) = (inputs, inputs);
    let draw = |count: &u64| {
        // Of what is left, each falls into this group with its share of the groups not yet drawn.
        let share = *count as f64 / others as f64;
        let binomial = Binomial::new(left, share).expect("a share lies between 0 and 1");
        let drawn = binomial.sample(random);
        left -= drawn;
        others -= count;
        drawn
    };
    counts.iter().map(draw).collect()
}

/// The value below which so many thousandths of the sorted values lie.
pub(crate) fn percentile(sorted: &[f64], thousandths: usize) -> f64 {
    let last = sorted.len() - 1;
    sorted[(last * thousandths + 500) / 1000]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-12
    }

    /// Of C(6,3) = 20 ways to take three of six of which three fail: two fail in C(3,2) C(3,1) = 9,
    /// three in 1. So more than one: 10/20, more than two: 1/20, more than none: 1 - 1/20.
    #[test]
    fn tails_are_as_by_hand() {
        let factorials = Factorials::up_to(6);
        assert!(close(factorials.more_than(1, 6, 3, 3), 0.5));
        assert!(close(factorials.more_than(2, 6, 3, 3), 0.05));
        assert!(close(factorials.more_than(0, 6, 3, 3), 0.95));
        // One alone cannot be two; of five bad ones and a good one, at least two of three are bad.
        assert_eq!(factorials.more_than(1, 6, 1, 3), 0.0);
        assert!(close(factorials.more_than(1, 6, 5, 3), 1.0));
        assert!(close(factorials.more_than(0, 6, 6, 3), 1.0));
    }

    /// Six versions, 100 inputs, three replicas, one failure tolerated. On two inputs three fail
    /// (10/20), on one two fail (C(4,1) / 20 = 4/20), on one a single version does (0):
    /// (2 * 0.5 + 0.2) / 100 = 0.012.
    #[test]
    fn the_estimate_is_as_by_hand_and_lies_in_its_interval() {
        let text = "version,input\n0,1\n1,1\n2,1\n3,2\n4,2\n5,2\n0,50\n1,50\n2,60\n";
        let failures = Failures::parse(text, 6, 100).unwrap();
        let question = Question { replicas: 3, tolerate: 1, seed: 7, samples: 4_000 };
        let found = more_than(&failures, &question);
        assert!(close(found.estimate, 0.012), "{found:?}");
        assert!(!found.nothing_seen);
        assert!(0.0 <= found.low && found.low < 0.006, "{found:?}");
        assert!(0.018 < found.high && found.high < 0.035, "{found:?}");
        assert_eq!(found, more_than(&failures, &question));
        assert_ne!(
            found.high,
            more_than(&failures, &Question { seed: 8, samples: 9, ..question }).high
        );
    }

    /// The standard error of a share p of M inputs is sqrt(p (1 - p) / M): for 400 of 10,000 inputs
    /// it is 0.00196, so the interval is about 0.04 +- 0.00384.
    #[test]
    fn the_interval_is_as_wide_as_a_share_has_it() {
        let rows: String = (0..400).map(|input| format!("0,{input}\n1,{input}\n")).collect();
        let failures = Failures::parse(&format!("version,input\n{rows}"), 2, 10_000).unwrap();
        let question = Question { replicas: 2, tolerate: 1, seed: 3, samples: 10_000 };
        let found = more_than(&failures, &question);
        assert!(close(found.estimate, 0.04));
        assert!((found.low - 0.03616).abs() < 0.0003, "{found:?}");
        assert!((found.high - 0.04384).abs() < 0.0003, "{found:?}");
    }

    #[test]
    fn where_nothing_was_seen_the_bound_is_three_over_the_inputs() {
        let question = Question { replicas: 3, tolerate: 1, seed: 1, samples: 10 };
        for text in ["version,input\n", "version,input\n0,1\n1,2\n"] {
            let failures = Failures::parse(text, 4, 1_000).unwrap();
            let found = more_than(&failures, &question);
            let expected = Estimate { estimate: 0.0, low: 0.0, high: 0.003, nothing_seen: true };
            assert_eq!(found, expected);
        }
        let two = Failures::parse("version,input\n", 4, 2).unwrap();
        assert_eq!(more_than(&two, &question).high, 1.0);
    }

    #[test]
    fn a_resample_has_as_many_inputs_as_there_were() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        for _ in 0..100 {
            assert_eq!(resampled(&[3, 7], 10, &mut random).iter().sum::<u64>(), 10);
        }
        let drawn: u64 = (0..1000).map(|_| resampled(&[3, 4], 10, &mut random)[0]).sum();
        assert!((2_800..3_200).contains(&drawn), "{drawn}");
    }
}
