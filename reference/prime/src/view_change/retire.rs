//! What a stable checkpoint covers is dropped.

use crate::view_change::State;
use slots::slot;
use wire::Seq;

/// Drops what is kept only for numbers at or below `floor`, which a stable checkpoint covers:
/// certificates in `installs` of views below the highest whose resolution's startSeq is at or below
/// `floor + 1` (none, if no certificate has such), and Pre-Prepares in `proposals` of numbers at or below
/// `floor`; then [`State::prune`], unless a change is under way.
///
/// `floor` is the number up to which `catch_up::forget` drops as well: what is shown of replayed numbers
/// must last as long as what is shown of all others, or a server that is between the two would be shown
/// neither these nor a state.
///
/// Invariant: the views to which numbers above `floor` belong keep their certificates.
/// Paper: none; the report keeps everything. Deviation: none.
#[slot(view_change.retire)]
pub fn retire(state: &mut State, floor: Seq) {
    let covered = state.installs.iter().rev();
    let mut covered =
        covered.skip_while(|(_, install)| install.resolution.start_seq() > floor.next());
    if let Some(first) = covered.next().map(|(view, _)| *view) {
        state.installs = state.installs.split_off(&first);
    }
    state.proposals.retain(|(seq, _), _| *seq > floor);
    if !state.changing() {
        state.prune();
    }
}
