//! Drops what a stable checkpoint covers.

use prime::catch_up::State;
use wire::Seq;

/// Drops the certificates of all numbers at or below `floor`.
pub fn forget(state: &mut State, floor: Seq) {
    state.archive = match floor.0.checked_add(1) {
        Some(next) => state.archive.split_off(&Seq(next)),
        None => Default::default(),
    };
}
