//! Whether the rows at hand make something eligible that was not yet proposed.

use crate::order::eligible;
use crate::pre_order::{State, covers, last_matrix};
use crate::votes::quorum_entry;
use slots::slot;
use wire::prime::Matrix;
use wire::{Config, PoSeq, ReplicaId, Verified};

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
    // Often asked, and mostly nothing has changed, so nothing is made before that is known.
    let beyond = |id: ReplicaId| {
        let held = proposed.rows.get(id.index()).and_then(Option::as_ref);
        let held = held.map_or(&[][..], |row| &row.body.vec);
        let entries = row(state, proposed, id).iter().enumerate();
        entries.into_iter().any(|(o, entry)| *entry > held.get(o).copied().unwrap_or_default())
    };
    if !config.replicas().any(beyond) {
        return false;
    }
    let theirs = eligible(config, proposed, &vec![PoSeq(0); config.size()]);
    let mut column = Vec::with_capacity(config.size());
    let more = config.replicas().zip(&theirs).any(|(o, theirs)| {
        let entry = |id| row(state, proposed, id).get(o.index()).copied().unwrap_or_default();
        column.clear();
        column.extend(config.replicas().map(entry));
        quorum_entry(config, &mut column) > *theirs
    });
    more && !covers(&state.blacklist, proposed, &last_matrix(state))
}

/// The row of server `id` in R.
fn row<'a>(state: &'a State, proposed: &'a Matrix, id: ReplicaId) -> &'a [PoSeq] {
    let row = if state.blacklist.contains(&id) {
        proposed.rows.get(id.index()).and_then(Option::as_ref).map(|row| &row.body)
    } else {
        state.rows[id.index()].as_ref().map(Verified::body)
    };
    row.map_or(&[], |row| &row.vec)
}
