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

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::{aru, config, matrix, state, trips};
    use prime::pre_order::State;
    use wire::ReplicaId;

    fn with(rows: &[&[u64]]) -> State {
        let mut state = state();
        for ((i, row), held) in (1..).zip(rows).zip(&mut state.rows) {
            *held = Some(aru(i, row)).filter(|_| !row.is_empty());
        }
        state
    }

    #[test]
    fn three_rows_of_four_make_something_eligible() {
        let config = config();
        let nothing = matrix(&[&[], &[], &[], &[]]);
        let two = with(&[&[7, 0, 0, 0], &[5, 0, 0, 0], &[], &[]]);
        let three = with(&[&[7, 0, 0, 0], &[5, 0, 0, 0], &[5, 0, 0, 0], &[]]);
        assert_eq!(check(&two, &config, &nothing, &false), Ok(()));
        assert_eq!(check(&three, &config, &nothing, &true), Ok(()));
        trips(check(&two, &config, &nothing, &true), "has_news");
        let five = matrix(&[&[5, 0, 0, 0], &[5, 0, 0, 0], &[5, 0, 0, 0], &[]]);
        assert_eq!(check(&three, &config, &five, &false), Ok(()));
        trips(check(&three, &config, &five, &true), "has_news");
    }

    #[test]
    fn rows_of_the_blacklisted_are_no_news() {
        let config = config();
        let rows: [&[u64]; 4] = [&[3, 0, 0, 0], &[3, 0, 0, 0], &[3, 0, 0, 0], &[]];
        let proposed = matrix(&[&[2, 0, 0, 0], &[3, 0, 0, 0], &[0, 1, 0, 0], &[]]);
        let mut state = with(&rows);
        assert_eq!(check(&state, &config, &proposed, &true), Ok(()));
        state.blacklist.insert(ReplicaId(3));
        assert_eq!(check(&state, &config, &proposed, &false), Ok(()));
        trips(check(&state, &config, &proposed, &true), "has_news");
    }

    #[test]
    fn a_matrix_that_covers_the_rows_leaves_no_news() {
        let config = config();
        let state = with(&[&[3, 0, 0, 0], &[3, 0, 0, 0], &[3, 0, 0, 0], &[]]);
        let proposed = matrix(&[&[3, 0, 0, 0], &[3, 0, 0, 0], &[2, 1, 0, 0], &[]]);
        assert_eq!(check(&state, &config, &proposed, &false), Ok(()));
        trips(check(&state, &config, &proposed, &true), "has_news");
    }
}
