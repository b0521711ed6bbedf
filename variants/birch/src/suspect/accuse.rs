//! `suspect.accuse`: whoever is proven faulty is suspected, in this view and in later ones.

use prime::suspect::{Effects, State, vote};
use wire::{Config, View};

/// Notes the leader of `view` as proven faulty; votes at once if it leads the preinstalled view.
pub fn accuse(state: &mut State, config: &Config, view: View, effects: &mut Effects) {
    let culprit = config.leader_of(view);
    state.accused.insert(culprit);
    if config.leader_of(state.view) == culprit {
        vote(state, effects);
    }
}
