//! Whether the leader owes something.

use prime::order::eligible;
use prime::pre_order::{State, covers, last_matrix};
use std::collections::BTreeSet;
use wire::prime::Matrix;
use wire::{Config, List, PoSeq, ReplicaId};

/// Says whether the rows held here, those of blacklisted servers taken as the leader has them,
/// make more eligible than `proposed` does, while `proposed` fails to cover them.
pub fn has_news(state: &State, config: &Config, proposed: &Matrix) -> bool {
    Some(last_matrix(state))
        .filter(|last| !covers(&state.blacklist, proposed, last))
        .map(|last| pardoned(&state.blacklist, last, proposed))
        .is_some_and(|ours| exceeds(config, &ours, proposed))
}

/// `last` with the blacklisted servers' rows as they stand in `proposed`.
fn pardoned(blacklist: &BTreeSet<ReplicaId>, last: Matrix, proposed: &Matrix) -> Matrix {
    let mut rows = last.rows.into_vec().into_iter().enumerate().map(|(index, row)| {
        if blacklist.contains(&ReplicaId::from_index(index)) {
            proposed.rows.get(index).cloned().flatten()
        } else {
            row
        }
    });
    Matrix { rows: List::take(&mut rows) }
}

/// Whether `ours` makes eligible, for some originator, more than `theirs`.
fn exceeds(config: &Config, ours: &Matrix, theirs: &Matrix) -> bool {
    let zeros = vec![PoSeq(0); config.size()];
    let theirs = eligible(config, theirs, &zeros);
    eligible(config, ours, &zeros).into_iter().zip(theirs).any(|(our, their)| our > their)
}
