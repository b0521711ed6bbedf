//! What a stable checkpoint covers is dropped.

use crate::view_change::State;
use slots::slot;
use wire::Seq;

/// Drops what is kept only for numbers at or below `stable`, which a stable checkpoint covers:
/// certificates in `installs` that are followed by one whose startSeq is at or below `stable + 1`, and
/// Pre-Prepares of numbers at or below `stable`; then [`State::prune`], unless a change is under way.
///
/// Invariant: the views to which numbers above `stable` belong keep their certificates.
/// Paper: none; the report keeps everything. Deviation: none.
#[slot(view_change.retire)]
pub fn retire(state: &mut State, stable: Seq) {
    let covered = state.installs.iter().rev();
    let mut covered =
        covered.skip_while(|(_, install)| install.resolution.start_seq() > stable.next());
    if let Some(first) = covered.next().map(|(view, _)| *view) {
        state.installs = state.installs.split_off(&first);
    }
    state.proposals.retain(|(seq, _), _| *seq > stable);
    if !state.changing() {
        state.prune();
    }
}
