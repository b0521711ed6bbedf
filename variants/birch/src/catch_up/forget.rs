//! `catch_up.forget`: what a stable checkpoint covers.

use prime::catch_up::State;
use wire::Seq;

/// Drops the certificates up to `floor`.
pub fn forget(state: &mut State, floor: Seq) {
    std::iter::from_fn(|| {
        state
            .archive
            .first_entry()
            .filter(|lowest| *lowest.key() <= floor)
            .map(|lowest| drop(lowest.remove()))
    })
    .for_each(drop);
}
