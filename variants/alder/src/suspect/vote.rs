//! This server wants another leader.

use prime::suspect::{Effects, State};
use wire::prime::NewLeader;
use wire::{To, View};

/// Votes for the view after the preinstalled one, once.
pub fn vote(state: &mut State, effects: &mut Effects) {
    if state.suspects {
        return;
    }

    state.suspects = true;
    effects.send(To::All, NewLeader { view: View(state.view.0.saturating_add(1)) });
}
