//! Old certificates are dropped.

use prime::catch_up::State;
use wire::Seq;

/// Drops the certificates of all numbers at or below `floor`.
pub fn forget(state: &mut State, floor: Seq) {
    while let Some(lowest) = state.archive.first_entry() {
        if *lowest.key() > floor {
            return;
        }
        lowest.remove();
    }
}
