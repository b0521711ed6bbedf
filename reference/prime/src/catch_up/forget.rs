//! Old certificates are dropped.

use crate::catch_up::State;
use slots::slot;
use wire::Seq;

/// Drops the certificates of all numbers at or below `floor` (`checkpoint::State::floor`): a stable
/// checkpoint covers them, and whoever has not executed that far is shown the state instead. Emits
/// nothing.
///
/// Paper: none; the report keeps everything. Deviation: none.
///
/// Invariant: no number at or below `floor` is left in the archive; those above stay, and nothing
/// else changes.
#[slot(catch_up.forget)]
pub fn forget(state: &mut State, floor: Seq) {
    state.archive.retain(|seq, _| *seq > floor);
}
