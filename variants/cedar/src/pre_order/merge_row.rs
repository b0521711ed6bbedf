//! A row meets the one held of the same server.

use prime::pre_order::{Effects, Relation, State, relation};
use wire::prime::{PoAru, PoAruConflict};
use wire::{Config, To, Verified};

/// What is done about a row.
enum Command {
    Keep,
    Replace,
    Accuse(PoAruConflict),
}

/// Decides what to do from the two rows alone, then does it.
pub fn merge_row(
    state: &mut State,
    _config: &Config,
    row: &Verified<PoAru>,
    effects: &mut Effects,
) {
    let server = row.signer();
    match command(state.rows[server.index()].as_ref(), row) {
        Command::Keep => {}
        Command::Replace => state.rows[server.index()] = Some(row.clone()),
        Command::Accuse(proof) => {
            if state.blacklist.insert(server) {
                effects.send(To::All, proof);
            }
        }
    }
}

fn command(held: Option<&Verified<PoAru>>, row: &Verified<PoAru>) -> Command {
    let Some(held) = held else { return Command::Replace };
    match relation(&held.body().vec, &row.body().vec) {
        Relation::Older => Command::Replace,
        Relation::Same | Relation::Newer => Command::Keep,
        Relation::Inconsistent => Command::Accuse(PoAruConflict {
            first: held.signed().clone(),
            second: row.signed().clone(),
        }),
    }
}
