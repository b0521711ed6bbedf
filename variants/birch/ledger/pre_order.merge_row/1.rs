//! The most up-to-date PO-ARU of each server.

use prime::pre_order::{Effects, Relation, State, relation};
use wire::prime::{PoAru, PoAruConflict};
use wire::{Config, To, Verified};

/// Keeps `row` if it is ahead of what is held of its signer, and convicts the signer, once, if
/// the two contradict each other.
pub fn merge_row(
    state: &mut State,
    _config: &Config,
    row: &Verified<PoAru>,
    effects: &mut Effects,
) {
    let place = &mut state.rows[row.signer().index()];
    match against(place.as_ref(), row) {
        Ok(true) => *place = Some(row.clone()),
        Ok(false) => (),
        Err(proof) => {
            if state.blacklist.insert(row.signer()) {
                effects.send(To::All, conflict(proof, row));
            }
        }
    }
}

/// Whether `row` is to replace the row held; the row held, if it convicts the signer.
fn against<'a>(
    held: Option<&'a Verified<PoAru>>,
    row: &Verified<PoAru>,
) -> Result<bool, &'a Verified<PoAru>> {
    held.map_or(Ok(true), |held| match relation(&row.body().vec, &held.body().vec) {
        Relation::Newer => Ok(true),
        Relation::Same | Relation::Older => Ok(false),
        Relation::Inconsistent => Err(held),
    })
}

/// The proof against the signer of both.
fn conflict(held: &Verified<PoAru>, new: &Verified<PoAru>) -> PoAruConflict {
    PoAruConflict { first: held.signed().clone(), second: new.signed().clone() }
}
