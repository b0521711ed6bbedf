//! Merkle trees: one signature for many messages, one root for the parts of a request.
//!
//! Leaves and inner nodes are hashed under different domains, the number of leaves is padded to a
//! power of two with a fixed digest, and the depth is capped, so a path proves exactly one
//! position of a tree of known shape.

use crate::{Digest, List, digest::Hasher};

/// Deepest tree: 2^16 leaves.
pub const MAX_DEPTH: usize = 16;

/// The siblings from a leaf up to the root.
pub type Path = List<Digest, MAX_DEPTH>;

/// Stands for the leaves that a tree lacks to a power of two.
const PADDING: Digest = Digest([0; 32]);

fn parent(left: &Digest, right: &Digest) -> Digest {
    let mut hasher = Hasher::new("patchy merkle node 1");
    hasher.put(&left.0);
    hasher.put(&right.0);
    hasher.finish()
}

/// A whole tree, kept while its paths are handed out.
#[derive(Clone, Debug)]
pub struct Tree {
    /// Level by level: first the leaves, filled up, and last the root alone.
    nodes: Vec<Digest>,
    /// Leaves, filled up to a power of two.
    width: usize,
}

impl Tree {
    /// Builds the tree over `leaves`.
    ///
    /// Panics on no leaves or more than 2^16: callers cap their batches.
    #[must_use]
    pub fn new(leaves: Vec<Digest>) -> Self {
        assert!(!leaves.is_empty() && leaves.len() <= 1 << MAX_DEPTH);
        let width = leaves.len().next_power_of_two();
        let mut nodes = leaves;
        nodes.reserve_exact(2 * width - 1 - nodes.len());
        nodes.resize(width, PADDING);
        // One more pair below makes one more node above, up to the root.
        for pair in 0..width - 1 {
            let node = parent(&nodes[2 * pair], &nodes[2 * pair + 1]);
            nodes.push(node);
        }
        Self { nodes, width }
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.nodes[self.nodes.len() - 1]
    }

    /// The path of leaf `index`.
    #[must_use]
    pub fn path(&self, index: usize) -> Path {
        assert!(index < self.width);
        let mut siblings = Vec::with_capacity(self.width.ilog2() as usize);
        let mut node = index;
        while node + 1 < self.nodes.len() {
            siblings.push(self.nodes[node ^ 1]);
            // Pairs come in the order of their parents, which follow the leaves.
            node = self.width + node / 2;
        }
        Path::new(siblings).expect("depth is capped by the number of leaves")
    }
}

/// The root that `leaf` at `index` with `path` leads to, or `None` if the index does not fit.
#[must_use]
pub fn fold(leaf: Digest, index: u32, path: &[Digest]) -> Option<Digest> {
    if path.len() > MAX_DEPTH || u64::from(index) >= 1u64 << path.len() {
        return None;
    }
    let step = |(depth, node): (usize, Digest), sibling: &Digest| {
        let above =
            if (index >> depth) & 1 == 0 { parent(&node, sibling) } else { parent(sibling, &node) };
        (depth + 1, above)
    };
    Some(path.iter().fold((0, leaf), step).1)
}
