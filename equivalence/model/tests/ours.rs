//! With all rules on nothing breaks, and the exploration gets somewhere.

#![expect(clippy::unwrap_used, reason = "helpers of tests are not known to be tests")]

use model::{Limits, Model, Outcome, Rules, Scope, explore, walk};

const LIMITS: Limits = Limits { states: 3_000_000, bytes: 1 << 30, heal_every: 16 };

fn model(views: usize, numbers: usize, faulty: Option<usize>) -> Model {
    Model::new(Scope::new(0, views, numbers).unwrap(), Rules::ours(), faulty)
}

fn exhaust(model: &Model) -> Outcome {
    let outcome = explore(model, LIMITS);
    assert_eq!(outcome.broken, None);
    assert!(outcome.exhausted);
    outcome
}

#[test]
fn one_number_through_three_views_is_safe_with_any_server_faulty_or_none() {
    for faulty in [None, Some(0), Some(1), Some(2), Some(3)] {
        let outcome = exhaust(&model(3, 1, faulty));
        let tally = outcome.tally;
        for reached in [
            tally.installed,
            tally.installed_twice,
            tally.replayed,
            tally.ordered_later,
            tally.carried,
            tally.orphaned,
            tally.complete,
        ] {
            assert!(reached > 10, "{faulty:?}: {tally:?}");
        }
        // The leader of the last view must be correct for progress.
        assert_eq!(outcome.healed > 100, faulty != Some(2), "{faulty:?}: {}", outcome.healed);
    }
}

#[test]
fn two_numbers_through_two_views_are_safe_with_any_server_faulty_or_none() {
    for faulty in [None, Some(0), Some(1), Some(2), Some(3)] {
        let tally = exhaust(&model(2, 2, faulty)).tally;
        assert!(tally.skipped > 10 && tally.replayed > 10, "{faulty:?}: {tally:?}");
    }
}

#[test]
fn votes_for_different_replays_change_nothing() {
    for faulty in [0, 1, 2] {
        let mut split = model(3, 1, Some(faulty));
        split.split = true;
        assert!(exhaust(&split).tally.installed > 10);
    }
}

#[test]
fn random_runs_of_larger_scopes_are_safe() {
    for (recovering, views, numbers, faulty) in [
        (1, 3, 2, None),
        (1, 3, 2, Some(1)),
        (1, 4, 3, Some(2)),
        (0, 4, 3, Some(0)),
        (0, 4, 3, Some(1)),
    ] {
        let scope = Scope::new(recovering, views, numbers).unwrap();
        let walks = walk(&Model::new(scope, Rules::ours(), faulty), 6000, 7);
        assert_eq!(walks.broken, None);
        let tally = walks.tally;
        assert!(tally.carried > 10 && tally.installed_twice > 100, "{tally:?}");
        assert!(walks.healed > 5000, "{}", walks.healed);
    }
}

#[test]
fn a_limit_is_kept_and_told() {
    let outcome = explore(&model(3, 2, None), Limits { states: 1000, ..LIMITS });
    assert!(!outcome.exhausted && outcome.states >= 1000, "{}", outcome.states);
    let outcome = explore(&model(3, 2, None), Limits { bytes: 1 << 20, ..LIMITS });
    assert!(!outcome.exhausted && outcome.states < 100_000, "{}", outcome.states);
}

#[test]
fn an_exploration_is_repeatable() {
    let once = exhaust(&model(3, 1, Some(1)));
    assert_eq!(once, exhaust(&model(3, 1, Some(1))));
}

#[test]
fn without_the_reductions_nothing_breaks_either() {
    for faulty in [None, Some(1), Some(3)] {
        let mut plain = model(2, 1, faulty);
        plain.plain = true;
        assert!(exhaust(&plain).tally.replayed > 1000);
        let mut plain = model(3, 2, faulty);
        plain.plain = true;
        let walks = walk(&plain, 5000, 3);
        assert_eq!(walks.broken, None);
        assert!(walks.tally.installed_twice > 100, "{:?}", walks.tally);
    }
}
