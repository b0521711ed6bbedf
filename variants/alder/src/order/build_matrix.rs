//! What a leader proposes next.

use prime::pre_order;
use prime::pre_order::Relation;
use wire::List;
use wire::prime::Matrix;

/// The matrix of the rows that are held, each unless it falls behind `preceding`.
pub fn build_matrix(pre_order: &pre_order::State, preceding: &Matrix) -> Matrix {
    let n = preceding.rows.len();
    let mut rows = Vec::with_capacity(n);
    let mut at = 0_usize;
    while let Some(before) = preceding.rows.get(at) {
        let mut newer = None;
        if let Some(Some(held)) = pre_order.rows.get(at) {
            let mut relation = Relation::Newer;
            if let Some(before) = before {
                relation = prime::pre_order::relation(&held.body().vec, &before.body.vec);
            }
            if matches!(relation, Relation::Same | Relation::Newer) {
                newer = Some(held);
            }
        }
        if let Some(held) = newer {
            rows.push(Some(held.signed().clone()));
        } else {
            rows.push(before.clone());
        }
        at += 1;
    }
    match List::new(rows) {
        Ok(rows) => Matrix { rows },
        // As long as the list that `preceding` is.
        Err(_) => preceding.clone(),
    }
}
