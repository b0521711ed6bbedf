//! Executed content is archived.

use crate::pre_order::Content;
use crate::recon::State;
use slots::slot;
use wire::ReplicaId;

/// Moves executed content of `originator` to the archive.
///
/// Requires: if (o, s) is in the archive already, with the same digest.
///
/// With s = `content.body.seq`: `state.archive[(o, s)]` becomes the content, and all parts of (o, s), `state.sent[(o, s)]` and `state.want[(o, s)]`
/// are dropped. `state.answered` stays: it limits answers from the archive too. Emits nothing.
///
/// Invariant: what is in the archive is in neither `sent`, `want` nor `parts`, until a part of it
/// comes in during recovery.
/// Paper: none; the report keeps everything. Deviation: none.
#[slot(recon.retire)]
pub fn retire(state: &mut State, originator: ReplicaId, content: &Content) {
    let identifier = (originator, content.body.seq);
    let before = state.archive.insert(identifier, content.clone());
    assert!(before.is_none_or(|before| before.digest == content.digest));
    state.sent.remove(&identifier);
    state.want.remove(&identifier);
    state.drop_parts(identifier);
}
