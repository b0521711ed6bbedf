//! The leader contradicted itself.

use prime::suspect::{Effects, State};
use wire::{Config, View};

/// Notes the leader of `view` as proven faulty; if it leads now, asks for another at once.
pub fn accuse(state: &mut State, config: &Config, view: View, effects: &mut Effects) {
    let culprit = config.leader_of(view);
    let leads_now = culprit == config.leader_of(state.view);

    state.accused.insert(culprit);
    if leads_now {
        prime::suspect::vote(state, effects);
    }
}
