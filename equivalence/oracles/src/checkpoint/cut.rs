//! What `checkpoint.cut` must answer.

use super::definitions::{self, same_bytes};
use crate::Finding;
use prime::checkpoint::Snapshot;
use wire::Seq;
use wire::prime::StateId;

/// A state is named by number, length, and the root over its chunks.
///
/// # Errors
/// The answer that the definition gives, if it is another.
#[expect(clippy::needless_pass_by_value, reason = "the slot takes its bytes so")]
pub fn check(seq: Seq, bytes: Vec<u8>, got: &(StateId, Snapshot)) -> Result<(), Finding> {
    let (name, snapshot) = definitions::cut(seq, &bytes);
    crate::answer("checkpoint.cut: number, root over the chunks, length", &name, &got.0)?;
    let same = same_bytes(&snapshot, &got.1);
    crate::answer("checkpoint.cut: the bytes, under the tree of their chunks", &true, &same)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::checkpoint::definitions::{cut, leaf};
    use crate::checkpoint::kit::{bytes, trips};
    use std::sync::Arc;
    use wire::merkle::Tree;
    use wire::prime::{CHUNK, StateId};
    use wire::{Digest, Seq};

    #[test]
    fn a_state_is_named_by_the_root_over_its_chunks() {
        let bytes = bytes(1);
        let (name, snapshot) = cut(Seq(10), &bytes);
        let by_hand = Tree::new(vec![
            leaf(&bytes[..CHUNK]),
            leaf(&bytes[CHUNK..2 * CHUNK]),
            leaf(&bytes[2 * CHUNK..]),
        ]);
        assert_eq!(name, StateId { seq: Seq(10), root: by_hand.root(), length: 131_077 });
        let right = (name, snapshot);
        let run = |got| check(Seq(10), bytes.clone(), &got);
        assert_eq!(run(right.clone()), Ok(()));
        let mut wrong = right.clone();
        wrong.0.seq = Seq(11);
        trips(run(wrong), "number");
        let mut wrong = right.clone();
        wrong.0.length += 1;
        trips(run(wrong), "number");
        let mut wrong = right.clone();
        wrong.0.root = Digest::default();
        trips(run(wrong), "number");
        let mut wrong = right.clone();
        wrong.1.bytes = vec![7; bytes.len()].into();
        trips(run(wrong), "bytes");
        // The same root without the levels below it.
        let mut wrong = right;
        wrong.1.tree = Arc::new(Tree::new(vec![name.root]));
        trips(run(wrong), "bytes");
    }

    #[test]
    fn no_bytes_are_one_chunk_and_whole_chunks_no_more_than_they_are() {
        let empty = cut(Seq(10), &[]);
        assert_eq!(empty.0.root, leaf(&[]));
        assert_eq!(check(Seq(10), vec![], &empty), Ok(()));
        let two = vec![1; 2 * CHUNK];
        let mut got = cut(Seq(10), &two);
        assert_eq!(check(Seq(10), two.clone(), &got), Ok(()));
        let third = Tree::new(vec![leaf(&two[..CHUNK]), leaf(&two[CHUNK..]), leaf(&[])]);
        got.0.root = third.root();
        trips(check(Seq(10), two, &got), "root");
    }
}
