//! Whether the rows at hand make something eligible that was not yet proposed.

use crate::order::eligible;
use crate::pre_order::{State, covers, last_matrix};
use slots::slot;
use wire::prime::Matrix;
use wire::{Config, List, PoSeq, ReplicaId};

/// Says whether `Last_PO_Aru` makes something eligible beyond `proposed`, the matrix of the last
/// valid Pre-Prepare, that the leader has not done justice to.
///
/// True if both hold:
/// - `proposed` does not cover the matrix of `Last_PO_Aru` ([`last_matrix`]; [`covers`] with
///   `state.blacklist`);
/// - let R be the matrix of `Last_PO_Aru` with the row of every server in `state.blacklist`
///   replaced by that server's row of `proposed`. For some originator, the number that R makes
///   eligible (the Q-th largest entry of its column, null rows counting as zeros: [`eligible`] with a
///   prefix of zeros) exceeds the number that `proposed` makes eligible.
///
/// Invariant: false if `proposed` covers the matrix of `Last_PO_Aru`: no leader is reminded of what
/// it has done, whatever contradictory rows a faulty server signed.
/// Paper: 4.2, "Enforcing up-to-date Pre-Prepare messages". Deviation: Q = 2f+k+1; rows of
/// blacklisted servers are no news.
#[slot(pre_order.has_news)]
pub fn has_news(state: &State, config: &Config, proposed: &Matrix) -> bool {
    let last = last_matrix(state);
    if covers(&state.blacklist, proposed, &last) {
        return false;
    }
    let rows = last.rows.into_vec().into_iter().enumerate().map(|(index, row)| {
        if state.blacklist.contains(&ReplicaId::from_index(index)) {
            proposed.rows.get(index).cloned().flatten()
        } else {
            row
        }
    });
    let rows = List::new(rows.collect()).expect("n is at most MAX_REPLICAS");
    let nothing = vec![PoSeq(0); config.size()];
    let mine = eligible(config, &Matrix { rows }, &nothing);
    let theirs = eligible(config, proposed, &nothing);
    mine.iter().zip(&theirs).any(|(mine, theirs)| mine > theirs)
}
