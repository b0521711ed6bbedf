//! Each slot is put to a table, which says whether and what is to be said of it again.

use prime::pre_order::{Effects, PoSlot, State, advance_aru};
use wire::prime::{PoAck, PoAru, PoRequest};
use wire::{Config, List, PoSeq, ReplicaId, To};

/// One slot and whose it is.
struct Case<'a> {
    own: bool,
    originator: ReplicaId,
    seq: PoSeq,
    slot: &'a PoSlot,
}

/// What is to be said.
enum Command {
    Acknowledge(PoAck),
    Repeat(PoRequest),
    Announce(PoAru),
}

/// Whose slot, whether it has a `request`, and what is then said, if there is anything to say.
type Line = (bool, bool, fn(&Case<'_>) -> Option<Command>);

const TABLE: [Line; 4] = [
    (false, true, acknowledgement),
    (false, false, |_| None),
    (true, true, |_| None),
    (true, false, repetition),
];

fn acknowledgement(case: &Case<'_>) -> Option<Command> {
    let digest = case.slot.request.as_ref()?.digest();
    Some(Command::Acknowledge(PoAck { originator: case.originator, seq: case.seq, digest }))
}

fn repetition(case: &Case<'_>) -> Option<Command> {
    let request: &PoRequest = &case.slot.adopted.as_ref()?.body;
    Some(Command::Repeat(request.clone()))
}

fn announcement(state: &State) -> Option<Command> {
    let said = state.sent_aru.iter().any(|&entry| entry != PoSeq::default());
    said.then(|| Command::Announce(PoAru { vec: List::take(&mut state.sent_aru.iter().copied()) }))
}

fn look_up(case: &Case<'_>) -> Option<Command> {
    let key = (case.own, case.slot.request.is_some());
    let line = TABLE.iter().find(|(own, request, _)| (*own, *request) == key);
    line.and_then(|(_, _, say)| say(case))
}

fn plan(state: &State, config: &Config) -> Vec<Command> {
    let columns = config.replicas().zip(&state.columns);
    let cases = columns.flat_map(|(originator, column)| {
        let own = originator == state.me;
        column.slots.iter().map(move |(&seq, slot)| Case { own, originator, seq, slot })
    });
    cases.filter_map(|case| look_up(&case)).chain(announcement(state)).collect()
}

fn carry_out(command: Command, state: &mut State, effects: &mut Effects) {
    match command {
        Command::Acknowledge(ack) => state.unsent_acks.push(ack),
        Command::Repeat(request) => effects.send(To::All, request),
        Command::Announce(aru) => effects.send(To::All, aru),
    }
}

/// Says again what was promised about slots that are still held.
pub fn resume(state: &mut State, config: &Config, effects: &mut Effects) {
    let held = state.columns.len();
    config.replicas().take(held).for_each(|originator| advance_aru(state, config, originator));
    for command in plan(state, config) {
        carry_out(command, state, effects);
    }
}
