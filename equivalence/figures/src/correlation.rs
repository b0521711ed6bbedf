//! How alike pairs of versions fail, and how many versions a correlated cluster amounts to.

use crate::failures::Failures;
use std::collections::BTreeMap;

/// The correlation of failures of every pair of versions for which it is defined, smallest first:
/// phi = (p_AB - p_A p_B) / sqrt(p_A (1 - p_A) p_B (1 - p_B)). It is undefined where one of the two
/// never fails, or always does.
#[must_use]
pub fn phis(failures: &Failures) -> Vec<f64> {
    let inputs = failures.inputs() as f64;
    let sometimes: Vec<(u32, f64)> = failures
        .of_versions()
        .into_iter()
        .filter(|(_, failed)| *failed < failures.inputs())
        .map(|(version, failed)| (version, failed as f64))
        .collect();
    let mut both: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    for (failed, count) in failures.patterns() {
        for (at, one) in failed.iter().enumerate() {
            for other in failed.iter().skip(at + 1) {
                *both.entry((*one, *other)).or_default() += count;
            }
        }
    }
    let mut phis = Vec::new();
    for (at, (one, a)) in sometimes.iter().enumerate() {
        for (other, b) in sometimes.iter().skip(at + 1) {
            let together = both.get(&(*one, *other)).copied().unwrap_or_default() as f64;
            // Everything times the square of the number of inputs.
            let spread = (a * (inputs - a)).sqrt() * (b * (inputs - b)).sqrt();
            phis.push((together * inputs - a * b) / spread);
        }
    }
    phis.sort_by(f64::total_cmp);
    phis
}

/// The middle of sorted values, or the mean of the two in the middle; `None` for none.
#[must_use]
pub fn median(sorted: &[f64]) -> Option<f64> {
    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    Some(f64::midpoint(sorted[sorted.len() / 2 - 1], upper))
}

/// The mean; `None` for none.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// How many independent versions `replicas` versions with correlation `rho` amount to:
/// n / (1 + (n - 1) rho). `None` where a negative correlation leaves no number.
#[must_use]
pub fn effective_versions(replicas: u32, rho: f64) -> Option<f64> {
    let n = f64::from(replicas);
    let inflation = 1.0 + (n - 1.0) * rho;
    (inflation > 0.0).then(|| n / inflation)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On ten inputs 0 fails on {1,2}, 1 on {2,3}, 2 on {1,2}, 3 never and 4 always.
    /// 0 and 2: phi = (0.2 - 0.04) / (0.2 * 0.8) = 1. 0 and 1, and 1 and 2:
    /// (0.1 - 0.04) / 0.16 = 0.375. Of 3 and 4 nothing is defined.
    #[test]
    fn phi_is_as_by_hand_and_left_out_where_it_is_undefined() {
        let always: String = (0..10).map(|input| format!("4,{input}\n")).collect();
        let text = format!("version,input\n0,1\n0,2\n1,2\n1,3\n2,1\n2,2\n{always}");
        let phis = phis(&Failures::parse(&text, 5, 10).unwrap());
        assert_eq!(phis.len(), 3);
        let expected = [0.375, 0.375, 1.0];
        assert!(phis.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-12));
        assert!((median(&phis).unwrap() - 0.375).abs() < 1e-12);
        assert!((mean(&phis).unwrap() - 1.75 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn the_middle_of_an_even_number_lies_between_two() {
        assert_eq!(median(&[1.0, 2.0, 4.0, 9.0]), Some(3.0));
        assert_eq!((median(&[]), mean(&[])), (None, None));
    }

    /// Four versions: with rho 0 they are four, with rho 1 one, with rho 1/3 two; with rho -1/3 the
    /// formula divides by nothing.
    #[test]
    fn effective_versions_are_as_by_hand() {
        assert_eq!(effective_versions(4, 0.0), Some(4.0));
        assert_eq!(effective_versions(4, 1.0), Some(1.0));
        assert_eq!(effective_versions(4, 1.0 / 3.0), Some(2.0));
        assert_eq!(effective_versions(4, -0.5), None);
    }
}
