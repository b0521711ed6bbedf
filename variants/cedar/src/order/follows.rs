//! A row's step is looked up in a table of cases; the steps are then added up.

use prime::pre_order::{Relation, relation};
use wire::prime::{Matrix, PoAru};
use wire::{Config, ReplicaId, Signed};

/// What becomes of a row from one matrix to the next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// It stays.
    Rests,
    /// It grows.
    Grows,
    /// It does what it may not.
    Breaks,
}

/// By how the new vector compares to the old one.
const STEPS: [(Relation, Step); 4] = [
    (Relation::Same, Step::Rests),
    (Relation::Newer, Step::Grows),
    (Relation::Older, Step::Breaks),
    (Relation::Inconsistent, Step::Breaks),
];

/// Whether the row is null, or has N entries and stands where its signer's belongs.
fn sound(config: &Config, server: ReplicaId, row: Option<&Signed<PoAru>>) -> bool {
    row.is_none_or(|row| row.signer == server && row.body.vec.len() == config.size())
}

/// The step from `before` to `after`.
fn step(before: Option<&Signed<PoAru>>, after: Option<&Signed<PoAru>>) -> Step {
    match (before, after) {
        (None, None) => Step::Rests,
        (None, Some(_)) => Step::Grows,
        (Some(_), None) => Step::Breaks,
        (Some(before), Some(after)) => {
            let found = relation(&after.body.vec, &before.body.vec);
            STEPS
                .iter()
                .find_map(|(relation, step)| (*relation == found).then_some(*step))
                .unwrap_or(Step::Breaks)
        }
    }
}

/// Says whether `matrix` may be proposed directly after `preceding`.
pub fn follows(config: &Config, preceding: &Matrix, matrix: &Matrix) -> bool {
    if matrix.rows.len() != config.size() {
        return false;
    }
    let steps = config.replicas().zip(matrix.rows.iter()).enumerate().map(
        |(row, (server, after))| {
            let before = preceding.rows.get(row).and_then(Option::as_ref);
            let after = after.as_ref();
            if sound(config, server, after) { step(before, after) } else { Step::Breaks }
        },
    );
    // The worst step decides: one that breaks, else one that grows.
    steps.max() == Some(Step::Grows)
}
