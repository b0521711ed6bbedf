//! How alike two implementations are, in normal tokens and in normal trees.

use similar::{Algorithm, DiffOp, capture_diff_slices};
use slot_syntax::normal::normal_tokens;
use slot_syntax::tree::normal_tree;
use trees::Node;

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

/// A text in the forms in which texts are compared: read once, compared with many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normal {
    tokens: Vec<String>,
    tree: Vec<Node<String>>,
}

impl Normal {
    /// Of a Rust text; of one that is none, empty.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let node = |node: slot_syntax::tree::TreeNode| Node { label: node.label, size: node.size };
        let tree = normal_tree(text).into_iter().map(node).collect();
        Self { tokens: normal_tokens(text), tree }
    }

    /// One less the share of tokens in common ([`token_ratio`]): from 0 for texts that only differ in
    /// names of their own, comments, imports, attributes and layout, to 1 for nothing in common.
    #[must_use]
    pub fn source_distance(&self, other: &Self) -> f64 {
        1.0 - token_ratio(&self.tokens, &other.tokens)
    }

    /// The edit distance of the syntax trees (Zhang and Shasha), in parts of what it is when no node is
    /// like another: from 0 to 1, and 0 for texts for which [`Normal::source_distance`] is.
    #[must_use]
    pub fn tree_distance(&self, other: &Self) -> f64 {
        let most = self.tree.len() + other.tree.len();
        if most == 0 { 0.0 } else { trees::distance(&self.tree, &other.tree) as f64 / most as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::Normal;

    const ONE: &str = "
        pub fn covers(rows: &[u64], bound: u64) -> bool {
            let mut seen = 0;
            for row in rows { if *row >= bound { seen += 1; } }
            seen > 2
        }";
    const RENAMED: &str = "
        use a::b;
        /// Another author's words.
        pub fn covers(all: &[u64], least: u64) -> bool {
            let mut count = 0; // so many
            for one in all { if *one >= least { count += 1; } }
            count > 2
        }";
    const STRANGE: &str = "
        impl Display for Table {
            fn fmt(&self, f: &mut Formatter<'_>) -> Result {
                match self.kind { Kind::Wide => write!(f, \"wide\"), Kind::Narrow => Err(Error) }
            }
        }";

    #[test]
    fn equal_and_renamed_texts_are_not_apart_and_strange_ones_mostly() {
        let [one, renamed, strange] = [ONE, RENAMED, STRANGE].map(Normal::of);
        for (left, right) in [(&one, &one), (&one, &renamed)] {
            assert_eq!((left.source_distance(right), left.tree_distance(right)), (0.0, 0.0));
        }
        let (source, tree) = (one.source_distance(&strange), one.tree_distance(&strange));
        // Punctuation is common to all Rust.
        assert!(source > 0.6 && tree > 0.6, "{source} {tree}");
        assert_eq!(one.tree_distance(&strange), strange.tree_distance(&one));
    }

    #[test]
    fn a_small_change_is_a_small_distance() {
        let one = Normal::of(ONE);
        let other = Normal::of(&ONE.replace("seen > 2", "seen >= 3"));
        let (source, tree) = (one.source_distance(&other), one.tree_distance(&other));
        assert!(source > 0.0 && source < 0.1 && tree > 0.0 && tree < 0.1, "{source} {tree}");
    }
}
