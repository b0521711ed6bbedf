//! What breaks without a rule: a model that finds nothing here would find nothing anywhere.

#![expect(clippy::unwrap_used, reason = "helpers of tests are not known to be tests")]

use model::{Action, Broken, Limits, Model, Rules, Scope, explore, walk};

const LIMITS: Limits = Limits { states: 1_000_000, bytes: 1 << 30, heal_every: 4 };

fn model(rules: Rules, views: usize, numbers: usize, faulty: Option<usize>) -> Model {
    Model::new(Scope::new(0, views, numbers).unwrap(), rules, faulty)
}

fn without(name: &str) -> Rules {
    Rules::ours().without(name).unwrap()
}

/// The shortest way to break a model, all steps of which the model allows.
fn broken(model: &Model) -> (Broken, Vec<Action>) {
    let (broken, path, end) = explore(model, LIMITS).broken.expect("it breaks");
    let mut state = model.initial();
    for action in &path {
        assert!(model.actions(&state).contains(action), "{}", action.text(&model.scope));
        state = model.apply(&state, action);
    }
    // The end is the same up to the names of servers that are alike.
    assert_eq!(model.canonical(&state), model.canonical(&end));
    assert!(broken == Broken::Progress || model.broken(&end) == Some(broken));
    (broken, path)
}

fn preinstalled(path: &[Action]) -> usize {
    let views = path.iter().map(|action| match action {
        Action::Leave { view, .. } => *view,
        _ => 0,
    });
    views.max().unwrap_or(0)
}

#[test]
fn the_reports_view_change_loses_an_ordered_number_in_one_view_change_without_a_fault() {
    let (what, path) = broken(&model(Rules::report(), 2, 1, None));
    assert_eq!(what, Broken::Agreement(1));
    assert_eq!(preinstalled(&path), 1);
}

#[test]
fn without_the_carried_replay_a_number_is_rebound_after_two_view_changes_without_a_fault() {
    assert_eq!(explore(&model(without("carry-replay"), 2, 1, None), LIMITS).broken, None);
    let (what, path) = broken(&model(without("carry-replay"), 3, 1, None));
    assert_eq!(what, Broken::Agreement(1));
    assert_eq!(preinstalled(&path), 2);
}

#[test]
fn every_rule_that_one_number_needs_breaks_with_it() {
    for (rule, views, faulty, expected) in [
        ("carry-replay", 3, None, Broken::Agreement(1)),
        ("carry-from-commit", 3, None, Broken::Agreement(1)),
        ("keep-ordered", 2, None, Broken::Agreement(1)),
        ("sign-resolution", 3, Some(1), Broken::Agreement(1)),
        ("no-stale-votes", 2, None, Broken::Agreement(1)),
        ("install-first", 2, None, Broken::Agreement(1)),
        ("own-execution", 2, Some(3), Broken::Progress),
    ] {
        let (what, _) = broken(&model(without(rule), views, 1, faulty));
        assert_eq!(what, expected, "without {rule}");
    }
}

#[test]
fn a_certificate_must_not_override_what_a_replay_resolved() {
    for faulty in [None, Some(1)] {
        let walks = walk(&model(without("keep-resolved"), 3, 2, faulty), 100_000, 1);
        let (what, ..) = walks.broken.expect("it breaks");
        assert!(matches!(what, Broken::Agreement(_)), "{what}");
    }
}

#[test]
fn certificates_of_views_below_the_carried_one_break_only_the_matrices_order() {
    let walks = walk(&model(without("only-carried-view"), 3, 2, Some(1)), 100_000, 1);
    assert_eq!(walks.broken.map(|(what, ..)| what), Some(Broken::Monotony(2)));
    let mut unordered = model(without("only-carried-view"), 3, 2, Some(1));
    unordered.monotony = false;
    assert_eq!(walk(&unordered, 20_000, 1).broken, None);
}

#[test]
fn two_rules_are_not_found_to_be_needed_for_safety() {
    for rule in ["base-of-carried", "carry-from-install"] {
        for faulty in [None, Some(0), Some(1), Some(2), Some(3)] {
            let outcome = explore(&model(without(rule), 3, 1, faulty), LIMITS);
            assert!(outcome.exhausted && outcome.broken.is_none(), "without {rule}");
        }
    }
}

#[test]
fn every_rule_has_a_name_and_its_test_here() {
    let tests = include_str!("canary.rs");
    for name in Rules::names() {
        assert_ne!(without(name), Rules::ours());
        assert!(tests.contains(&format!("\"{name}\"")), "{name}");
    }
    assert_eq!(Rules::ours().without("nonsense"), None);
}
