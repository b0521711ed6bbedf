//! Row by row, a table says by how the two vectors compare which of the two rows is taken.

use prime::pre_order::{Relation, State, relation};
use wire::Signed;
use wire::prime::{Matrix, PoAru};

/// Which row is taken.
#[derive(Clone, Copy)]
enum Choice {
    Own,
    Preceding,
}

/// By how the own row compares to the preceding one.
const CHOICES: [(Relation, Choice); 4] = [
    (Relation::Same, Choice::Own),
    (Relation::Newer, Choice::Own),
    (Relation::Older, Choice::Preceding),
    (Relation::Inconsistent, Choice::Preceding),
];

/// The row that is proposed.
fn choose(own: Option<&Signed<PoAru>>, preceding: Option<&Signed<PoAru>>) -> Option<Signed<PoAru>> {
    let (Some(first), Some(second)) = (own, preceding) else {
        return own.or(preceding).cloned();
    };
    let found = relation(&first.body.vec, &second.body.vec);
    let choice = CHOICES.iter().find(|(relation, _)| *relation == found);
    match choice {
        Some((_, Choice::Own)) => Some(first.clone()),
        _ => Some(second.clone()),
    }
}

/// Builds the matrix that a leader proposes after `preceding`.
pub fn build_matrix(pre_order: &State, preceding: &Matrix) -> Matrix {
    let mut rows = pre_order.rows.iter().enumerate().map(|(row, own)| {
        choose(
            own.as_ref().map(|own| own.signed()),
            preceding.rows.get(row).and_then(Option::as_ref),
        )
    });
    Matrix { rows: wire::List::take(&mut rows) }
}
