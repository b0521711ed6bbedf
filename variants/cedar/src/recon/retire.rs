//! One identifier leaves all maps but one.

use prime::pre_order::Content;
use prime::recon::State;
use wire::ReplicaId;

/// Moves executed content of `originator` to the archive.
pub fn retire(state: &mut State, originator: ReplicaId, content: &Content) {
    let identifier = (originator, content.body.seq);
    state.archive.insert(identifier, content.clone());
    state.sent.remove(&identifier);
    state.want.remove(&identifier);
    state.drop_parts(identifier);
}
