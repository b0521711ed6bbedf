//! Notes that a leader contradicted itself.

use prime::suspect::{Effects, State, vote};
use wire::{Config, View};

/// What is to be done.
enum Command {
    Enter(View),
    VoteIfLed,
}

/// Enters the leader of `view` in `accused`; whoever is led by an accused server votes.
pub fn accuse(state: &mut State, config: &Config, view: View, effects: &mut Effects) {
    for command in [Command::Enter(view), Command::VoteIfLed] {
        carry_out(state, config, command, effects);
    }
}

fn carry_out(state: &mut State, config: &Config, command: Command, effects: &mut Effects) {
    match command {
        Command::Enter(view) => {
            state.accused.insert(config.leader_of(view));
        }
        Command::VoteIfLed => {
            if state.accused.contains(&config.leader_of(state.view)) {
                vote(state, effects);
            }
        }
    }
}
