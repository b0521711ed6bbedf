//! Which matrix may be proposed after which.

use prime::pre_order::Relation;
use wire::Config;
use wire::prime::Matrix;

/// Whether `matrix` may be proposed directly after `preceding`.
pub fn follows(config: &Config, preceding: &Matrix, matrix: &Matrix) -> bool {
    let n = config.size();
    if matrix.rows.len() != n {
        return false;
    }
    let mut differs = false;
    let mut at = 0_usize;
    for id in config.replicas() {
        let Some(row) = matrix.rows.get(at) else {
            return false;
        };
        let mut before = None;
        if let Some(Some(signed)) = preceding.rows.get(at) {
            before = Some(signed);
        }
        at += 1;

        let Some(row) = row else {
            if before.is_some() {
                return false;
            }
            continue;
        };
        if row.signer != id || row.body.vec.len() != n {
            return false;
        }
        let Some(before) = before else {
            // Anything is at least as up to date as zeros, and none of it is null.
            differs = true;
            continue;
        };
        match prime::pre_order::relation(&row.body.vec, &before.body.vec) {
            Relation::Newer => differs = true,
            Relation::Same => {
                if row.body.vec.len() != before.body.vec.len() {
                    differs = true;
                }
            }
            Relation::Older | Relation::Inconsistent => return false,
        }
    }
    differs
}
