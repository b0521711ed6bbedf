//! One PO-ARU against the one held of its signer: a transition table, then commands.

use prime::pre_order::{Effects, Relation, State, relation};
use wire::prime::{PoAru, PoAruConflict};
use wire::{Config, To, Verified};

/// What becomes of the new row.
#[derive(Clone, Copy)]
enum Turn {
    Take,
    Leave,
    Convict,
}

/// By how the new row stands to the one held; `None` if none is held.
const TURNS: [(Option<Relation>, Turn); 5] = [
    (None, Turn::Take),
    (Some(Relation::Newer), Turn::Take),
    (Some(Relation::Same), Turn::Leave),
    (Some(Relation::Older), Turn::Leave),
    (Some(Relation::Inconsistent), Turn::Convict),
];

/// What is to be done.
enum Command {
    Hold { index: usize, row: Verified<PoAru> },
    /// Adds the signer to the blacklist and tells everybody.
    Denounce(PoAruConflict),
}

/// Merges one PO-ARU, which has N entries, into `Last_PO_Aru`.
pub fn merge_row(state: &mut State, config: &Config, row: &Verified<PoAru>, effects: &mut Effects) {
    let _ = config;
    if let Some(command) = decide(state, row) {
        carry_out(command, state, effects);
    }
}

fn decide(state: &State, row: &Verified<PoAru>) -> Option<Command> {
    let index = usize::from(row.signer().0).checked_sub(1)?;
    let held = state.rows.get(index)?.as_ref();
    let standing = held.map(|held| relation(&row.body().vec, &held.body().vec));
    let (_, turn) = TURNS.iter().find(|(key, _)| *key == standing)?;
    match (*turn, held) {
        (Turn::Take, _) => Some(Command::Hold { index, row: row.clone() }),
        (Turn::Convict, Some(held)) if !state.blacklist.contains(&row.signer()) => {
            let (first, second) = (held.signed().clone(), row.signed().clone());
            Some(Command::Denounce(PoAruConflict { first, second }))
        }
        (Turn::Convict | Turn::Leave, _) => None,
    }
}

fn carry_out(command: Command, state: &mut State, effects: &mut Effects) {
    match command {
        Command::Hold { index, row } => {
            if let Some(cell) = state.rows.get_mut(index) {
                *cell = Some(row);
            }
        }
        Command::Denounce(proof) => {
            state.blacklist.insert(proof.second.signer);
            effects.send(To::All, proof);
        }
    }
}
