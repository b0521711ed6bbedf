//! Votes for the next view.

use prime::suspect::{Effects, State};
use wire::prime::NewLeader;
use wire::{To, View};

/// Votes, once a view.
pub fn vote(state: &mut State, effects: &mut Effects) {
    let voted = std::mem::replace(&mut state.suspects, true);
    if !voted {
        effects.send(To::All, NewLeader { view: View(state.view.0.saturating_add(1)) });
    }
}
