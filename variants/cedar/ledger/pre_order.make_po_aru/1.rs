//! What the prefixes have gained over the last announcement is announced.

use prime::pre_order::{Effects, State};
use wire::prime::PoAru;
use wire::{Config, List, PoSeq, Time, To};

/// By originator: how far the prefix lies beyond what was announced; 0 where it does not.
struct Growth(Vec<u64>);

impl Growth {
    fn of(state: &State) -> Self {
        let announced = state.sent_aru.iter();
        let reached = state.columns.iter().map(|column| column.aru);
        Self(announced.zip(reached).map(|(old, new)| new.0.saturating_sub(old.0)).collect())
    }

    fn is_none(&self) -> bool {
        self.0.iter().all(|&gain| gain == 0)
    }
}

/// What a decision rests on.
struct Case<'a> {
    state: &'a State,
    now: Time,
    growth: &'a Growth,
}

/// What is to be done, one thing each.
enum Command {
    Raise(Growth),
    Rest(Time),
    Announce,
}

/// Each is a reason to keep silent.
const SILENCE: [fn(&Case<'_>) -> bool; 2] =
    [|case| case.now < case.state.next_aru_at, |case| case.growth.is_none()];

fn plan(state: &State, config: &Config, now: Time) -> Vec<Command> {
    let growth = Growth::of(state);
    let case = Case { state, now, growth: &growth };
    if SILENCE.iter().any(|holds| holds(&case)) {
        return Vec::new();
    }
    let rest = Command::Rest(now.after(config.timing.po_aru));
    vec![Command::Raise(growth), rest, Command::Announce]
}

fn carry_out(command: Command, state: &mut State, effects: &mut Effects) {
    match command {
        Command::Raise(Growth(gains)) => {
            let entries = state.sent_aru.iter_mut().zip(gains);
            entries.for_each(|(entry, gain)| *entry = PoSeq(entry.0.saturating_add(gain)));
        }
        Command::Rest(until) => state.next_aru_at = until,
        Command::Announce => {
            let vec = List::take(&mut state.sent_aru.iter().copied());
            effects.promise(To::All, PoAru { vec });
        }
    }
}

/// Announces the vector of prefixes if any of them has grown and the interval has passed.
pub fn make_po_aru(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    for command in plan(state, config, now) {
        carry_out(command, state, effects);
    }
}
