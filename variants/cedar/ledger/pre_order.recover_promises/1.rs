//! The promised numbers are those whose distance from the prefix is their place among the slots.

use prime::pre_order::{Column, PoSlot, State};
use std::ops::Bound;
use wire::{Config, Digest, PoSeq};

/// What is to be done: the prefix of a row takes in a number, under a digest.
struct Command {
    row: usize,
    seq: PoSeq,
    digest: Digest,
}

/// Which of the digests of a slot is the certified one: the first that there is.
const PREFERENCES: [fn(&PoSlot) -> Option<Digest>; 2] = [
    |slot| slot.adopted.as_ref().map(|content| content.digest),
    |slot| slot.request.as_ref().map(|request| request.digest()),
];

fn preferred(slot: &PoSlot) -> Option<Digest> {
    PREFERENCES.iter().find_map(|preference| preference(slot))
}

/// The commands for one column, of which numbers up to `promised` were announced.
fn plan(row: usize, column: &Column, promised: PoSeq) -> impl Iterator<Item = Command> {
    let above = column.slots.range((Bound::Excluded(column.aru), Bound::Unbounded));
    let places = (1..).map(|place| PoSeq(column.aru.0.saturating_add(place)));
    above.zip(places).map_while(move |((&seq, slot), place)| {
        let next = seq == place && seq <= promised;
        next.then(|| preferred(slot)).flatten().map(|digest| Command { row, seq, digest })
    })
}

fn carry_out(command: &Command, state: &mut State) {
    let Some(column) = state.columns.get_mut(command.row) else { return };
    if let Some(slot) = column.slots.get_mut(&command.seq) {
        slot.certified.get_or_insert(command.digest);
        column.aru = command.seq;
    }
}

/// Restores every prefix up to what was announced, as far as content is held.
pub fn recover_promises(state: &mut State, _config: &Config) {
    let columns = state.columns.iter().zip(&state.sent_aru).enumerate();
    let commands = columns.flat_map(|(row, (column, &promised))| plan(row, column, promised));
    let commands: Vec<Command> = commands.collect();
    commands.iter().for_each(|command| carry_out(command, state));
}
