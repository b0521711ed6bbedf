//! Notes that a leader contradicted itself.

use prime::suspect::{Effects, State, vote};
use wire::{Config, ReplicaId, View};

/// What is to be done.
enum Command {
    Enter(ReplicaId),
    Vote,
}

/// Enters the leader of `view` in `accused`; if it leads the preinstalled view as well, a vote follows.
pub fn accuse(state: &mut State, config: &Config, view: View, effects: &mut Effects) {
    let culprit = config.leader_of(view);
    let leads = config.leader_of(state.view) == culprit;
    let plan = [(true, Command::Enter(culprit)), (leads, Command::Vote)];
    for (_, command) in plan.into_iter().filter(|(holds, _)| *holds) {
        carry_out(state, command, effects);
    }
}

fn carry_out(state: &mut State, command: Command, effects: &mut Effects) {
    match command {
        Command::Enter(culprit) => {
            state.accused.insert(culprit);
        }
        Command::Vote => vote(state, effects),
    }
}
