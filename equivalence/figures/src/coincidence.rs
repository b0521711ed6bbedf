//! Knight and Leveson's test: do versions fail together as often as independence has it?

use crate::failures::Failures;

/// Inputs on which at least two versions failed, against what independence predicts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coincidence {
    /// Seen.
    pub observed: u64,
    /// Predicted, if every version failed as often as it did, independently of the others.
    pub expected: f64,
    /// How many standard deviations lie between; `None` where chance leaves nothing open.
    pub z: Option<f64>,
}

/// Compares coincident failures with what independence predicts.
///
/// With p_i the share of inputs on which version i failed, P0 = prod (1 - p_i) and
/// P1 = sum_i p_i prod_(j != i) (1 - p_j), an input sees at least two failures with chance
/// p = 1 - P0 - P1; of T inputs K did, and z = (K - T p) / sqrt(T p (1 - p)).
#[must_use]
pub fn coincidence(failures: &Failures) -> Coincidence {
    let inputs = failures.inputs() as f64;
    let together = failures.patterns().filter(|(failed, _)| failed.len() > 1);
    let observed: u64 = together.map(|(_, inputs)| inputs).sum();
    // The chances of none, of one and of more, version after version: 1 - P0 - P1 would lose
    // what matters where failures are rare.
    let (mut none, mut one, mut more) = (1.0, 0.0, 0.0);
    for failed in failures.of_versions().into_values() {
        let p = failed as f64 / inputs;
        more += one * p;
        one = one * (1.0 - p) + none * p;
        none *= 1.0 - p;
    }
    let expected = inputs * more;
    let variance = expected * (1.0 - more);
    let z = (variance > 0.0).then(|| (observed as f64 - expected) / variance.sqrt());
    Coincidence { observed, expected, z }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three versions on ten inputs fail on 2, 1 and 1 of them; 0 and 1 share one input.
    /// P0 = 0.8 * 0.9 * 0.9 = 0.648; P1 = 0.2 * 0.81 + 2 * 0.1 * 0.8 * 0.9 = 0.306; p = 0.046.
    /// Expected 0.46; z = (1 - 0.46) / sqrt(0.46 * 0.954) = 0.54 / 0.662450 = 0.815156.
    #[test]
    fn expectation_and_z_are_as_by_hand() {
        let failures = Failures::parse("version,input\n0,3\n1,3\n0,4\n2,9\n", 5, 10).unwrap();
        let found = coincidence(&failures);
        assert_eq!(found.observed, 1);
        assert!((found.expected - 0.46).abs() < 1e-12, "{found:?}");
        assert!((found.z.unwrap() - 0.815_156).abs() < 1e-6, "{found:?}");
    }

    #[test]
    fn without_chance_there_is_no_z() {
        let none = Failures::parse("version,input\n", 3, 10).unwrap();
        assert_eq!(coincidence(&none), Coincidence { observed: 0, expected: 0.0, z: None });
        // Both always fail: p = 1.
        let both = Failures::parse("version,input\n0,0\n1,0\n", 2, 1).unwrap();
        assert_eq!(coincidence(&both), Coincidence { observed: 1, expected: 1.0, z: None });
    }

    /// Two versions, one failure each in 10^9 inputs: p = 10^-18, below what 1 - P0 - P1 can hold.
    #[test]
    fn rare_failures_are_not_lost() {
        let failures = Failures::parse("version,input\n0,1\n1,2\n", 2, 1_000_000_000).unwrap();
        assert!((coincidence(&failures).expected - 1e-9).abs() < 1e-20);
    }
}
