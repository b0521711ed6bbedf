//! An alarm clock that rings for the leader: a state machine of three states.

use prime::pre_order::{Effects, State, has_news, last_matrix};
use wire::prime::{Matrix, ProofMatrix};
use wire::{Config, ReplicaId, Time, To};

/// The state of the alarm.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alarm {
    Off,
    Set,
    Ringing,
}

/// What is to be done, one thing each.
#[derive(Clone, Copy)]
enum Command {
    TurnOff,
    Wind,
    Remind,
}

/// One transition: whether there is something to remind of, in which state, what follows.
struct Line<'a> {
    reason: bool,
    alarm: Alarm,
    commands: &'a [Command],
}

const TABLE: [Line<'_>; 6] = [
    Line { reason: false, alarm: Alarm::Off, commands: &[Command::TurnOff] },
    Line { reason: false, alarm: Alarm::Set, commands: &[Command::TurnOff] },
    Line { reason: false, alarm: Alarm::Ringing, commands: &[Command::TurnOff] },
    Line { reason: true, alarm: Alarm::Off, commands: &[Command::Wind] },
    Line { reason: true, alarm: Alarm::Set, commands: &[] },
    Line { reason: true, alarm: Alarm::Ringing, commands: &[Command::Remind, Command::Wind] },
];

fn alarm(at: Option<Time>, now: Time) -> Alarm {
    at.map_or(Alarm::Off, |at| if at > now { Alarm::Set } else { Alarm::Ringing })
}

/// Sends the rows at hand to the leader if they have been news for a while.
pub fn make_proof_matrix(
    state: &mut State,
    config: &Config,
    now: Time,
    leader: ReplicaId,
    proposed: &Matrix,
    effects: &mut Effects,
) {
    let reason = state.me != leader && has_news(state, config, proposed);
    let alarm = alarm(state.proof_matrix_at, now);
    let line = TABLE.iter().find(|line| line.reason == reason && line.alarm == alarm);
    for command in line.map_or(&[][..], |line| line.commands) {
        match command {
            Command::TurnOff => state.proof_matrix_at = None,
            Command::Wind => {
                state.proof_matrix_at = Some(now.after(config.timing.proof_matrix));
            }
            Command::Remind => {
                let matrix = last_matrix(state);
                effects.send(To::One(leader), ProofMatrix { matrix });
            }
        }
    }
}
