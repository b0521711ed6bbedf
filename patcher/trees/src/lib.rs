//! How far apart two ordered, labelled trees are: the edit distance of Zhang and Shasha (*Simple fast
//! algorithms for the editing distance between trees and related problems*, SIAM J. Comput. 18(6), 1989).
//!
//! A node may be deleted (its children take its place) or inserted, at a cost of one each; giving it
//! another label costs both. So what two trees share is the largest set of nodes with equal labels that
//! can be matched one to one, ancestors with ancestors and left with left: the same thing that a longest
//! common subsequence is for two texts.
//!
//! A crate of its own because the time is spent here: it is optimised where its callers, which run for
//! moments, are not.

use std::collections::BTreeMap;

/// One node, where nodes stand in postorder: children before their parent, from left to right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node<L> {
    /// What it is.
    pub label: L,
    /// How many nodes its subtree has, itself included.
    pub size: usize,
}

/// A tree as the algorithm reads it.
struct Prepared {
    /// Numbers that are equal where labels are.
    labels: Vec<usize>,
    /// For each node the first leaf of its subtree.
    first: Vec<usize>,
    /// The root, and every node that has a sibling on its left.
    keys: Vec<usize>,
}

impl Prepared {
    fn new<'a, L: Ord>(nodes: &'a [Node<L>], numbers: &mut BTreeMap<&'a L, usize>) -> Self {
        let mut labels = Vec::with_capacity(nodes.len());
        for node in nodes {
            let next = numbers.len();
            labels.push(*numbers.entry(&node.label).or_insert(next));
        }
        let first: Vec<usize> =
            nodes.iter().enumerate().map(|(at, node)| at + 1 - node.size).collect();
        // The last node with a certain first leaf is the topmost of them.
        let last: BTreeMap<usize, usize> =
            first.iter().enumerate().map(|(at, first)| (*first, at)).collect();
        let mut keys: Vec<usize> = last.into_values().collect();
        keys.sort_unstable();
        Self { labels, first, keys }
    }
}

/// The least cost that makes one tree out of the other. From 0, for equal ones, to the number of their
/// nodes together, where no two nodes have equal labels.
///
/// Takes time of the product of their sizes, times how deep or how broad both are (the lesser of the two
/// each), and memory of the product.
///
/// # Panics
///
/// If a node claims a subtree larger than all nodes up to it.
#[must_use]
pub fn distance<L: Ord>(left: &[Node<L>], right: &[Node<L>]) -> usize {
    let fits = |nodes: &[Node<L>]| {
        nodes.iter().enumerate().all(|(at, node)| node.size >= 1 && node.size <= at + 1)
    };
    assert!(fits(left) && fits(right), "a subtree is larger than all nodes up to its root");
    if left.is_empty() || right.is_empty() {
        return left.len() + right.len();
    }
    let mut numbers = BTreeMap::new();
    let left = Prepared::new(left, &mut numbers);
    between(&left, &Prepared::new(right, &mut numbers))
}

/// The same, of trees that are not empty. It knows no type of labels, so it is compiled in this crate.
fn between(left: &Prepared, right: &Prepared) -> usize {
    let width = right.labels.len();
    let mut trees = vec![0_u32; left.labels.len() * width];
    let mut forests = vec![0_u32; (left.labels.len() + 1) * (width + 1)];
    for &one in &left.keys {
        for &other in &right.keys {
            subtrees(left, right, (one, other), &mut trees, &mut forests);
        }
    }
    trees.last().map_or(0, |cost| *cost as usize)
}

/// Fills in the distances of all subtrees that share their first leaves with the subtrees `at`.
fn subtrees(
    left: &Prepared,
    right: &Prepared,
    at: (usize, usize),
    trees: &mut [u32],
    forests: &mut [u32],
) {
    let (from, before) = (left.first[at.0], right.first[at.1]);
    let (rows, columns) = (at.0 - from + 1, at.1 - before + 1);
    let width = right.labels.len();
    let stride = columns + 1;
    forests[0] = 0;
    for column in 1..=columns {
        forests[column] = forests[column - 1] + 1;
    }
    for row in 1..=rows {
        forests[row * stride] = forests[(row - 1) * stride] + 1;
        let one = from + row - 1;
        let above = left.first[one] - from;
        for column in 1..=columns {
            let other = before + column - 1;
            let beside = right.first[other] - before;
            let deleted = forests[(row - 1) * stride + column] + 1;
            let inserted = forests[row * stride + column - 1] + 1;
            let cheaper = deleted.min(inserted);
            let cost = if above == 0 && beside == 0 {
                let renamed = if left.labels[one] == right.labels[other] { 0 } else { 2 };
                let cost = cheaper.min(forests[(row - 1) * stride + column - 1] + renamed);
                trees[one * width + other] = cost;
                cost
            } else {
                cheaper.min(forests[above * stride + beside] + trees[one * width + other])
            };
            forests[row * stride + column] = cost;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Node, distance};

    /// A tree from text: `a(b c(d))`.
    fn tree(text: &str) -> Vec<Node<char>> {
        fn read(text: &mut std::iter::Peekable<std::str::Chars<'_>>, nodes: &mut Vec<Node<char>>) {
            let before = nodes.len();
            let label = text.next().unwrap();
            if text.next_if_eq(&'(').is_some() {
                while text.next_if_eq(&')').is_none() {
                    text.next_if_eq(&' ');
                    read(text, nodes);
                }
            }
            nodes.push(Node { label, size: nodes.len() - before + 1 });
        }
        let mut nodes = Vec::new();
        read(&mut text.chars().peekable(), &mut nodes);
        nodes
    }

    fn apart(left: &str, right: &str) -> usize {
        distance(&tree(left), &tree(right))
    }

    #[test]
    fn equal_trees_are_not_apart_and_strange_ones_all_the_way() {
        assert_eq!(apart("a(b c(d))", "a(b c(d))"), 0);
        assert_eq!(apart("a(b c(d))", "w(x y(z))"), 8);
        assert_eq!(distance::<char>(&[], &tree("a(b)")), 2);
    }

    #[test]
    fn the_example_of_the_paper() {
        // Two insertions or deletions in Zhang and Shasha's own example, figure 4.
        assert_eq!(apart("f(d(a c(b)) e)", "f(c(d(a b)) e)"), 2);
    }

    #[test]
    fn children_take_the_place_of_a_deleted_parent() {
        assert_eq!(apart("a(b(c d))", "a(c d)"), 1);
        assert_eq!(apart("a(b c)", "a(c b)"), 2);
        assert_eq!(apart("a(b)", "a(x)"), 2);
    }

    /// The distance by its definition, on forests: slow, and nothing to get wrong.
    fn slow(left: &[Node<char>], right: &[Node<char>]) -> usize {
        let (Some(one), Some(other)) = (left.last(), right.last()) else {
            return left.len() + right.len();
        };
        let (above, beside) = (left.len() - 1, right.len() - 1);
        let deleted = slow(&left[..above], right) + 1;
        let inserted = slow(left, &right[..beside]) + 1;
        let (from, before) = (left.len() - one.size, right.len() - other.size);
        let renamed = if one.label == other.label { 0 } else { 2 };
        let matched = slow(&left[..from], &right[..before])
            + slow(&left[from..above], &right[before..beside])
            + renamed;
        deleted.min(inserted).min(matched)
    }

    #[test]
    fn the_distance_is_that_of_the_definition_on_many_small_trees() {
        let mut seed = 7_u32;
        let mut draw = |below: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 16) % below
        };
        let mut random = || {
            let mut nodes: Vec<Node<char>> = Vec::new();
            for _ in 0..=draw(6) {
                // Takes some of the last subtrees as children.
                let mut size = 1;
                while size <= nodes.len() && draw(2) == 0 {
                    size += nodes[nodes.len() - size].size;
                }
                let label = if draw(2) == 0 { 'a' } else { 'b' };
                nodes.push(Node { label, size });
            }
            let size = nodes.len() + 1;
            nodes.push(Node { label: 'r', size });
            nodes
        };
        for _ in 0..2_000 {
            let (left, right) = (random(), random());
            assert_eq!(distance(&left, &right), slow(&left, &right), "{left:?} {right:?}");
            assert_eq!(distance(&left, &right), distance(&right, &left));
            assert_eq!(distance(&left, &left), 0);
        }
    }
}
