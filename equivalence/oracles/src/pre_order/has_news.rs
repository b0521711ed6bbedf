//! What `pre_order.has_news` must answer.

use super::definitions::{eligible_of, entry, relation_of, row};
use crate::Finding;
use prime::pre_order::{Relation, State};
use wire::prime::Matrix;
use wire::{Config, PoSeq, ReplicaId};

/// Whether the rows held make something eligible to which the leader has not done justice (4.2,
/// "Enforcing up-to-date Pre-Prepare messages"; Figure 1, definitions 2, 3 and 5).
///
/// # Errors
/// The answer that the definitions give, if it is another.
pub fn check(
    state: &State,
    config: &Config,
    proposed: &Matrix,
    result: &bool,
) -> Result<(), Finding> {
    crate::answer(
        "pre_order.has_news: Last_PO_Aru is not covered and makes more eligible than proposed",
        &expected(state, config, proposed),
        result,
    )
}

/// `proposed` does not cover the rows held, and there is an originator of which they make more
/// eligible than `proposed` does, rows of blacklisted servers being those of `proposed`.
pub(super) fn expected(state: &State, config: &Config, proposed: &Matrix) -> bool {
    let held = |i: ReplicaId| -> &[PoSeq] {
        state.rows[i.index()].as_ref().map_or(&[], |row| &row.body().vec)
    };
    let blacklisted = |i: ReplicaId| state.blacklist.contains(&i);
    let passed_over = |i: ReplicaId| {
        blacklisted(i) || relation_of(row(proposed, i.index()), held(i)) != Relation::Older
    };
    let with = |i: ReplicaId| if blacklisted(i) { row(proposed, i.index()) } else { held(i) };
    let exceeds = |o: ReplicaId| {
        eligible_of(config, |i| entry(with(i), o))
            > eligible_of(config, |i| entry(row(proposed, i.index()), o))
    };
    !config.replicas().all(passed_over) && config.replicas().any(exceeds)
}
