//! A server wants another leader.

use crate::suspect::{Effects, State};
use slots::slot;
use wire::prime::NewLeader;
use wire::{To, View};

/// Votes for the view after the preinstalled one, once: if `state.suspects` is false, it is set and the
/// New-Leader vote is emitted as `Send` to `To::All`, otherwise nothing happens. (Beyond the highest view
/// there is none: then it is for that one.)
///
/// Invariant: a vote is never taken back; it ends with the view.
/// Paper: 4.2, Figure 4, E7. Deviation: none.
#[slot(suspect.vote)]
pub fn vote(state: &mut State, effects: &mut Effects) {
    if !state.suspects {
        state.suspects = true;
        effects.send(To::All, NewLeader { view: View(state.view.0.saturating_add(1)) });
    }
}
