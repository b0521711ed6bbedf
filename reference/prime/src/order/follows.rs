//! The validity rule between neighbouring Pre-Prepares.

use crate::pre_order::{Relation, relation};
use slots::slot;
use wire::prime::Matrix;
use wire::{Config, ReplicaId};

/// Says whether `matrix` may be proposed directly after `preceding`.
///
/// It may if it has exactly N rows, every row that is not null is signed by the server whose row it
/// is and has exactly N entries, every row is at least as up to date as the same row of `preceding`
/// (there a null row counts as zeros; but a null row may follow only a null row, not one of zeros), and
/// some row differs from the same row of `preceding` in its vector, null and a row of zeros being
/// different.
///
/// Requires: `preceding` has N rows. (Decoding lets no other matrix in.)
/// Invariant: no matrix follows itself; following is transitive, so no matrix comes back.
/// Paper: 4.1, "Global Ordering Phase" (the constraint on neighbouring Pre-Prepares). Deviation:
/// none.
#[slot(order.follows)]
pub fn follows(config: &Config, preceding: &Matrix, matrix: &Matrix) -> bool {
    assert_eq!(preceding.rows.len(), config.size());
    if matrix.rows.len() != config.size() {
        return false;
    }
    let mut rows = matrix.rows.iter().zip(preceding.rows.iter()).enumerate();
    let at_least = rows.all(|(index, (new, old))| {
        let empty: &[wire::PoSeq] = &[];
        let fits = new.as_ref().is_none_or(|row| {
            row.signer == ReplicaId::from_index(index) && row.body.vec.len() == config.size()
        }) && (new.is_some() || old.is_none());
        let new = new.as_ref().map_or(empty, |row| &row.body.vec);
        let old = old.as_ref().map_or(empty, |row| &row.body.vec);
        fits && matches!(relation(new, old), Relation::Same | Relation::Newer)
    });
    at_least && !matrix.same(preceding)
}
