//! `Last_PO_Aru` takes a row, wherever it was found.

use crate::pre_order::{Effects, Relation, State, relation};
use slots::slot;
use wire::prime::{PoAru, PoAruConflict};
use wire::{Config, To, Verified};

/// Merges one PO-ARU, which has N entries, into `Last_PO_Aru`.
///
/// Compared ([`relation`]) with the row held of the same signer:
/// - none held, or the new one is `Newer`: it takes the place;
/// - `Same` or `Older`: nothing happens;
/// - `Inconsistent`: the signer is faulty and this is the proof. The row held stays. If the signer
///   is not yet in `state.blacklist`, it is added and a `PoAruConflict` (first: the row held,
///   second: the new one) is emitted as `Send` to `To::All`.
///
/// Nothing is rejected: old rows are met all the time in matrices.
///
/// Invariant: a row held never becomes less up to date.
/// Paper: 4.1 (`Last_PO_Aru[]`) and 4.2, "Blacklisting Servers". Deviation: none.
#[slot(pre_order.merge_row)]
pub fn merge_row(state: &mut State, config: &Config, row: &Verified<PoAru>, effects: &mut Effects) {
    assert_eq!(row.body().vec.len(), config.size(), "callers check the length");
    let signer = row.signer();
    let place = &mut state.rows[signer.index()];
    let Some(held) = place else {
        *place = Some(row.clone());
        return;
    };
    match relation(&row.body().vec, &held.body().vec) {
        Relation::Same | Relation::Older => {}
        Relation::Newer => *place = Some(row.clone()),
        Relation::Inconsistent => {
            if state.blacklist.insert(signer) {
                let (first, second) = (held.signed().clone(), row.signed().clone());
                effects.send(To::All, PoAruConflict { first, second });
            }
        }
    }
}
