//! What a stable checkpoint covers is dropped.

use crate::view_change::State;
use slots::slot;
use wire::Seq;

/// Drops what is kept only for servers that have executed less than `stable`, which a stable
/// checkpoint covers: certificates in `installs` whose startSeq is at or below `stable + 1`, but for
/// the one of the highest view, and Pre-Prepares of numbers at or below `stable`; then
/// [`State::prune`], unless a change is under way.
///
/// Paper: none; the report keeps everything. Deviation: none.
#[slot(view_change.retire)]
pub fn retire(state: &mut State, stable: Seq) {
    let last = state.installs.last_key_value().map(|(view, _)| *view);
    state.installs.retain(|view, install| {
        Some(*view) == last || install.resolution.start_seq() > stable.next()
    });
    state.proposals.retain(|(seq, _), _| *seq > stable);
    if !state.changing() {
        state.prune();
    }
}
