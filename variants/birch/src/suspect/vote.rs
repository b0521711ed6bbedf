//! `suspect.vote`: E7.

use prime::suspect::{Effects, State};
use wire::prime::NewLeader;
use wire::{To, View};

/// Votes for the next view, once.
pub fn vote(state: &mut State, effects: &mut Effects) {
    if !std::mem::replace(&mut state.suspects, true) {
        effects.send(To::All, NewLeader { view: View(state.view.0.saturating_add(1)) });
    }
}
