//! One PO-ARU meets the one held of its signer.

use prime::pre_order::{Effects, Relation, State, relation};
use wire::prime::{PoAru, PoAruConflict};
use wire::{Config, To, Verified};

/// What is to become of the row.
enum Fate {
    /// It says nothing new.
    Pass,
    /// It takes its signer's place.
    Replace,
    /// It convicts its signer, together with the one held.
    Convict(PoAruConflict),
}

/// Keeps the more up-to-date of the row and the one held of its signer; a first contradiction
/// between the two blacklists the signer and is sent to all.
pub fn merge_row(state: &mut State, config: &Config, row: &Verified<PoAru>, effects: &mut Effects) {
    let signer = row.signer();
    if !config.is_replica(signer) {
        return;
    }
    match decide(state, row) {
        Fate::Pass => {}
        Fate::Replace => state.rows[signer.index()] = Some(row.clone()),
        Fate::Convict(conflict) => {
            state.blacklist.insert(signer);
            effects.send(To::All, conflict);
        }
    }
}

fn decide(state: &State, row: &Verified<PoAru>) -> Fate {
    let signer = row.signer();
    let held = match &state.rows[signer.index()] {
        None => return Fate::Replace,
        Some(held) => held,
    };
    match relation(&row.body().vec, &held.body().vec) {
        Relation::Newer => Fate::Replace,
        Relation::Same | Relation::Older => Fate::Pass,
        Relation::Inconsistent => {
            if state.blacklist.contains(&signer) {
                return Fate::Pass;
            }
            let first = held.signed().clone();
            Fate::Convict(PoAruConflict { first, second: row.signed().clone() })
        }
    }
}
