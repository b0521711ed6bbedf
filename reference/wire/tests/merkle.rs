//! Paths prove one position of one tree, and nothing else.

use proptest::prelude::*;
use wire::Digest;
use wire::merkle::{MAX_DEPTH, Tree, fold};

fn leaves(count: usize) -> Vec<Digest> {
    (0..count).map(|index| Digest::of("leaf", &index.to_le_bytes())).collect()
}

#[test]
fn every_leaf_of_every_small_tree_leads_to_the_root_from_its_place_only() {
    for count in 1..=17 {
        let leaves = leaves(count);
        let tree = Tree::new(leaves.clone());
        for (index, leaf) in leaves.iter().enumerate() {
            let path = tree.path(index);
            for claimed in 0..1u32 << path.len() {
                let leads = fold(*leaf, claimed, &path) == Some(tree.root());
                assert_eq!(
                    leads,
                    claimed as usize == index,
                    "{count} leaves, {index} as {claimed}"
                );
            }
        }
    }
}

#[test]
fn an_index_beyond_the_tree_and_a_path_beyond_the_cap_lead_nowhere() {
    let tree = Tree::new(leaves(4));
    assert_eq!(fold(leaves(4)[0], 4, &tree.path(0)), None);
    let long = vec![Digest::default(); MAX_DEPTH + 1];
    assert_eq!(fold(Digest::default(), 0, &long), None);
}

proptest! {
    #[test]
    fn changing_anything_changes_the_root(count in 2usize..40, at in 0usize..40, bit in 0usize..256) {
        let mut changed = leaves(count);
        let at = at % count;
        changed[at].0[bit / 8] ^= 1 << (bit % 8);
        prop_assert_ne!(Tree::new(changed).root(), Tree::new(leaves(count)).root());
    }
}
