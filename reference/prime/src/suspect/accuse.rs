//! The leader contradicted itself.

use crate::suspect::{Effects, State, vote};
use slots::slot;
use wire::View;

/// Votes for a new leader ([`vote`]) at once, because there is proof that the leader of `view` signed
/// two Pre-Prepares for one number, or two Replays. Nothing happens if `view` is not the preinstalled
/// one: then that leader is gone, or not here yet.
///
/// Paper: 5.3, last paragraph. Deviation: Pre-Prepares as well as Replays.
#[slot(suspect.accuse)]
pub fn accuse(state: &mut State, view: View, effects: &mut Effects) {
    if view == state.view {
        vote(state, effects);
    }
}
