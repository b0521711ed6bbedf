//! Inputs differ in difficulty: why versions that were written independently fail together.

use crate::failures::Failures;
use crate::families::Families;
use std::collections::BTreeMap;

/// Eckhardt and Lee's model: theta(x) is the chance that a random version fails on input x.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difficulty {
    /// E\[theta\]: the chance that a random version fails on a random input.
    pub mean: f64,
    /// Var(theta) over inputs.
    pub variance: f64,
    /// The chance that two versions drawn independently both fail: E\[theta\]^2 + Var(theta).
    pub both_fail: f64,
}

/// Littlewood and Miller's model of two families: versions of one drawn with those of another.
#[derive(Debug, Clone, PartialEq)]
pub struct Forced {
    /// The two families, in order of their names.
    pub families: (String, String),
    /// E\[theta_A\] and E\[theta_B\].
    pub means: (f64, f64),
    /// Cov(theta_A, theta_B) over inputs; below zero where what is difficult for one family is
    /// easy for the other.
    pub covariance: f64,
    /// The chance that a version of each both fail: E\[theta_A\] E\[theta_B\] + Cov.
    pub both_fail: f64,
}

/// How difficulty varies over inputs, with every version equally likely.
#[must_use]
pub fn eckhardt_lee(failures: &Failures) -> Difficulty {
    let (versions, inputs) = (f64::from(failures.versions()), failures.inputs() as f64);
    let theta = |failed: &[u32]| failed.len() as f64 / versions;
    let over = |power: i32| -> f64 {
        let each =
            failures.patterns().map(|(failed, count)| theta(failed).powi(power) * count as f64);
        each.sum::<f64>() / inputs
    };
    let (mean, both_fail) = (over(1), over(2));
    Difficulty { mean, variance: (both_fail - mean * mean).max(0.0), both_fail }
}

/// The same between each two families.
#[must_use]
pub fn littlewood_miller(failures: &Failures, families: &Families) -> Vec<Forced> {
    let inputs = failures.inputs() as f64;
    let sizes = families.sizes();
    let names: Vec<&str> = sizes.keys().copied().collect();
    let mut means: BTreeMap<&str, f64> = names.iter().map(|name| (*name, 0.0)).collect();
    let mut both: BTreeMap<(&str, &str), f64> = BTreeMap::new();
    for (failed, count) in failures.patterns() {
        let counts = families.count(failed.iter());
        let theta: Vec<(&str, f64)> =
            counts.iter().map(|(name, bad)| (*name, *bad as f64 / sizes[name] as f64)).collect();
        for (at, (one, difficulty)) in theta.iter().enumerate() {
            let share = difficulty * count as f64 / inputs;
            *means.entry(one).or_default() += share;
            for (other, theirs) in theta.iter().skip(at + 1) {
                *both.entry((one, other)).or_default() += share * theirs;
            }
        }
    }
    let pairs = names.iter().enumerate().flat_map(|(at, one)| {
        let others = names.iter().skip(at + 1);
        others.map(move |other| (*one, *other))
    });
    let forced = |(one, other): (&str, &str)| {
        let means = (means[one], means[other]);
        let both_fail = both.get(&(one, other)).copied().unwrap_or_default();
        let families = (one.to_owned(), other.to_owned());
        Forced { families, means, covariance: both_fail - means.0 * means.1, both_fail }
    };
    pairs.map(forced).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-12
    }

    /// Four versions, ten inputs: on one two fail (theta 0.5), on another one (0.25).
    /// E = 0.075; E[theta^2] = (0.25 + 0.0625) / 10 = 0.03125; Var = 0.03125 - 0.005625 = 0.025625.
    #[test]
    fn varying_difficulty_is_as_by_hand() {
        let failures = Failures::parse("version,input\n0,1\n1,1\n2,5\n", 4, 10).unwrap();
        let found = eckhardt_lee(&failures);
        assert!(close(found.mean, 0.075) && close(found.both_fail, 0.03125), "{found:?}");
        assert!(close(found.variance, 0.025_625), "{found:?}");
        assert!(close(found.mean * found.mean + found.variance, found.both_fail));
        let none = eckhardt_lee(&Failures::parse("version,input\n", 4, 10).unwrap());
        assert_eq!(none, Difficulty { mean: 0.0, variance: 0.0, both_fail: 0.0 });
    }

    /// Aspen has 0 and 1, birch 2 and 3, cedar 4, which never fails. On input 1 versions 0, 1 and
    /// 2 fail: theta is 1 and 0.5. On input 2 version 3 fails: 0 and 0.5. Of ten inputs:
    /// E_A = 0.1, E_B = 0.1, both fail in 1 * 0.5 / 10 = 0.05, so Cov = 0.05 - 0.01 = 0.04.
    #[test]
    fn families_are_held_against_each_other_as_by_hand() {
        let failures = Failures::parse("version,input\n0,1\n1,1\n2,1\n3,2\n", 5, 10).unwrap();
        let table = "version,family\n0,aspen\n1,aspen\n2,birch\n3,birch\n4,cedar\n";
        let found = littlewood_miller(&failures, &Families::parse(table, &failures).unwrap());
        let names: Vec<_> =
            found.iter().map(|pair| (&*pair.families.0, &*pair.families.1)).collect();
        assert_eq!(names, [("aspen", "birch"), ("aspen", "cedar"), ("birch", "cedar")]);
        assert!(close(found[0].means.0, 0.1) && close(found[0].means.1, 0.1));
        assert!(close(found[0].both_fail, 0.05) && close(found[0].covariance, 0.04));
        assert_eq!((found[1].both_fail, found[1].covariance), (0.0, 0.0));
    }

    /// Two families that fail on different inputs: Cov = 0 - 0.2 * 0.3 = -0.06.
    #[test]
    fn forced_diversity_can_be_better_than_independence() {
        let text = "version,input\n0,1\n0,2\n1,3\n1,4\n1,5\n";
        let failures = Failures::parse(text, 2, 10).unwrap();
        let table = "version,family\n0,aspen\n1,birch\n";
        let found = littlewood_miller(&failures, &Families::parse(table, &failures).unwrap());
        assert!(close(found[0].covariance, -0.06), "{found:?}");
        assert_eq!(found[0].both_fail, 0.0);
    }
}
