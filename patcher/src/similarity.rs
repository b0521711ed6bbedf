//! How alike two implementations are, in normal tokens.

use similar::{Algorithm, DiffOp, capture_diff_slices};
use slot_syntax::normal::normal_tokens;

/// The share of tokens that two token lists have in common, in order: `2 m / (a + b)`, from 0 for
/// nothing to 1 for equal lists. Two empty lists are equal.
#[must_use]
pub fn token_ratio(left: &[String], right: &[String]) -> f64 {
    if left.is_empty() && right.is_empty() {
        return 1.0;
    }
    let same: usize = capture_diff_slices(Algorithm::Myers, left, right)
        .iter()
        .map(|step| match step {
            DiffOp::Equal { len, .. } => *len,
            DiffOp::Delete { .. } | DiffOp::Insert { .. } | DiffOp::Replace { .. } => 0,
        })
        .sum();
    2.0 * same as f64 / (left.len() + right.len()) as f64
}

/// How alike two texts are, in normal tokens: renaming, comments, imports, attributes and layout
/// do not count.
#[must_use]
pub fn similarity(left: &str, right: &str) -> f64 {
    token_ratio(&normal_tokens(left), &normal_tokens(right))
}
