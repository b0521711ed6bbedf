//! What may be deployed: versions that the bench accepted as they stand.

use crate::miniature::Miniature;
use std::fs;

const PLAN: [&str; 6] = ["plan", "--replicas", "4", "-o", "plan.toml", "--check-seconds=1"];
const BUILD: [&str; 5] = ["build", "plan.toml", "-o", "out", "--json"];
const HERON: &str = "variants/heron/src/pre_order/covers.rs";

/// Heron's version of `pre_order.covers` is wrong from now on.
fn spoil(miniature: &Miniature) {
    miniature.edit(HERON, ".sum()", ".sum::<u64>() + 1");
}

/// The line of the plan on which heron's replica names its family.
fn line_of_heron(miniature: &Miniature) -> usize {
    let plan = fs::read_to_string(miniature.path("plan.toml")).unwrap();
    plan.lines().position(|line| line == "family = \"heron\"").unwrap() + 1
}

#[test]
fn what_nobody_judged_is_judged_before_it_is_planned_and_only_then() {
    let miniature = Miniature::new();
    assert_eq!(miniature.unjudged(), 6);
    let first = miniature.run(&PLAN);
    assert_eq!(first.code, Some(0), "{first:?}");
    assert!(first.stderr.starts_with("6 versions have no verdict as they stand now"), "{first:?}");
    assert_eq!(miniature.unjudged(), 0);
    let again = miniature.run(&PLAN);
    assert_eq!((again.code, again.stderr.as_str()), (Some(0), ""), "{again:?}");
    let built = miniature.run(&BUILD);
    assert_eq!(built.code, Some(0), "{built:?}");
    assert_eq!(built.json()["binaries"].as_array().unwrap().len(), 4);
}

#[test]
fn a_version_that_changed_is_judged_anew_before_anything_is_built_of_it() {
    let miniature = Miniature::new();
    assert_eq!(miniature.run(&PLAN).code, Some(0));
    spoil(&miniature);
    let sentence = format!(
        "plan.toml:{}: the version `heron/pre_order.covers` was rejected (by oracle, see `patchy \
         check --slot pre_order.covers`): choose another, or name it in `override-rejected` to use \
         it all the same",
        line_of_heron(&miniature)
    );
    miniature.run(&BUILD).fails(2, &sentence);
    assert!(!miniature.path("out").exists());
    miniature.run(&["init", "cluster", "--plan", "plan.toml", "--json"]).fails(2, &sentence);
    assert!(!miniature.path("cluster").exists());
    miniature.run(&["sim", "--plan", "plan.toml", "--json"]).fails(2, &sentence);

    // A plan made now has one version less to choose from.
    let plan = miniature.run(&["plan", "--replicas", "4", "--json"]);
    assert_eq!(plan.code, Some(1), "{plan:?}");
    let (slot, unusable) = ("pre_order.covers", ["heron/pre_order.covers"]);
    let lack = serde_json::json!([{ "slot": slot, "have": 3, "need": 4, "unusable": unusable }]);
    assert_eq!(plan.json()["infeasible"], lack);
    let init = miniature.run(&["init", "cluster", "--json"]);
    assert_eq!((init.code, &init.json()["infeasible"]), (Some(1), &lack), "{init:?}");

    // With the override it is built, and as it was before it is accepted without another look.
    let line = "format = 1\noverride-rejected = [\"heron/pre_order.covers\"]";
    miniature.edit("plan.toml", "format = 1", line);
    let built = miniature.run(&BUILD);
    assert_eq!(built.code, Some(0), "{built:?}");
    miniature.edit("plan.toml", line, "format = 1");
    miniature.edit(HERON, ".sum::<u64>() + 1", ".sum()");
    let built = miniature.run(&["build", "plan.toml", "-o", "out"]);
    assert_eq!((built.code, built.said()), (Some(0), vec![]), "{built:?}");
}

#[test]
fn a_verdict_ends_with_what_it_rests_on() {
    let miniature = Miniature::new();
    assert_eq!(miniature.run(&["check", "--json"]).code, Some(0));
    assert_eq!(miniature.unjudged(), 0);
    let changes = [
        ("equivalence/bench/src/lib.rs", "vec![1, 2, 3]", "vec![3, 2, 1]"),
        ("reference/tally/src/pre_order/covers.rs", "weighs 3", "weighs three"),
        ("reference/wire/src/lib.rs", "It is longer", "It is much longer"),
    ];
    for (file, old, new) in changes {
        miniature.edit(file, old, new);
        assert_eq!(miniature.unjudged(), 6, "{file}");
        miniature.edit(file, new, old);
        assert_eq!(miniature.unjudged(), 0, "{file}");
    }
    miniature.edit(HERON, "Weighing", "Weighing well");
    assert_eq!(miniature.unjudged(), 1);
}

#[test]
fn a_version_that_was_seen_to_do_wrong_is_not_accepted_for_cases_that_pass() {
    let miniature = Miniature::new();
    spoil(&miniature);
    let blind = ["check", "--slot", "pre_order.covers", "--cases", "1", "--json"];
    assert_eq!(miniature.run(&blind).json()["verdict"], "accepted");
    let check = ["check", "--slot", "pre_order.covers", "--json"];
    assert_eq!(miniature.run(&check).code, Some(2));
    let again = miniature.run(&blind);
    assert_eq!(again.code, Some(2), "{again:?}");
    let again = again.json();
    assert_eq!((&again["by"], &again["family"]), (&"oracle".into(), &"heron".into()), "{again}");
}

#[test]
fn an_override_for_the_unjudged_spares_the_judging() {
    let miniature = Miniature::new();
    let head = "format = 1\ntolerate = 0\noverride-unjudged = [\"heron/pre_order.covers\", \
                \"heron/pre_order.on_update\"]\n";
    let plan = format!("{head}\n[[replica]]\nid = 1\nfamily = \"heron\"\n");
    fs::write(miniature.path("plan.toml"), plan).unwrap();
    let built = miniature.run(&["build", "plan.toml", "-o", "out"]);
    assert_eq!((built.code, built.said()), (Some(0), vec![]), "{built:?}");
    assert_eq!(miniature.unjudged(), 6);
}

#[test]
fn over_everything_those_decide_that_may_vote() {
    let miniature = Miniature::new();
    spoil(&miniature);
    assert_eq!(miniature.run(&["check", "--json"]).json()["verdict"], "rejected");
    let lineage = "variants/heron/family.toml";
    let text = fs::read_to_string(miniature.path(lineage)).unwrap();
    fs::write(miniature.path(lineage), text + "votable = false\n").unwrap();
    let everything = miniature.run(&["check", "--json"]);
    assert_eq!(everything.code, Some(0), "{everything:?}");
    assert_eq!(everything.json()["verdict"], "accepted");
    let verdicts = everything.json()["versions"].as_array().unwrap().clone();
    let heron =
        verdicts.iter().find(|one| one["family"] == "heron" && one["verdict"] == "rejected");
    assert!(heron.is_some(), "{verdicts:?}");
    assert_eq!(miniature.run(&["check", "--family", "heron", "--json"]).code, Some(2));
}

#[test]
fn an_interrupted_build_leaves_nothing_behind() {
    let miniature = Miniature::new();
    assert_eq!(miniature.run(&PLAN).code, Some(0));
    // A version whose compilation takes for ever.
    let endless = "const E: u64 = { let mut n = 0_u64; while n < 1 << 50 { n += 1; } n };\n";
    let path = miniature.path("reference/tally/src/check/mod.rs");
    let text = fs::read_to_string(&path).unwrap();
    let allow = "#[allow(long_running_const_eval)]\n#[doc(hidden)]\npub ";
    fs::write(&path, format!("{text}\n{allow}{endless}")).unwrap();
    for words in [&["build", "plan.toml", "-o", "out"][..], &["init", "out", "--plan", "plan.toml"]]
    {
        let ended = miniature.interrupt(words);
        assert_eq!(ended.code, Some(130), "{ended:?}");
        assert_eq!(ended.stderr.lines().last(), Some("patchy: interrupted"), "{ended:?}");
        assert!(!miniature.path("out").exists(), "{ended:?}");
    }
}
