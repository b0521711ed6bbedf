//! What was found once is found again by the input alone, whatever the seed.

#![expect(clippy::unwrap_used, reason = "helpers of tests are not known to be tests")]

use bench::{Corpus, Plan, Registry, Selection, Target};
use prime::order::{self, State as Order};
use prime::pre_order::{self, PoSlot};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;
use verdict::{By, Decision, KeptInput, Verdict};
use wire::{Config, Digest, ReplicaId, Seq};

/// Takes the originator's own acknowledgement for one more.
fn certificate(config: &Config, originator: ReplicaId, slot: &PoSlot) -> Option<Digest> {
    let found = pre_order::certificate(config, originator, slot);
    found.or_else(|| (slot.acks.len() > 1).then(|| slot.request.as_ref().map(|it| it.digest()))?)
}

/// Says that one number more was forgotten.
fn retire(state: &mut Order, executed: Seq) {
    order::retire(state, executed);
    state.retired = state.retired.next();
}

fn registry() -> Registry {
    let mut registry = Registry::default();
    registry.pre_order.certificate.push(("alpha", certificate));
    registry.order.retire.push(("alpha", retire));
    registry
}

/// One for all tests: recording takes long.
fn corpus() -> &'static Corpus {
    static CORPUS: OnceLock<Corpus> = OnceLock::new();
    CORPUS.get_or_init(|| Corpus::record(5))
}

fn judge(registry: &Registry, corpus: &Corpus, slot: &str, plan: &Plan) -> Verdict {
    let selection = Selection { slot: Some(slot), family: Some("alpha") };
    let mut verdicts = registry.judge(corpus, &selection, plan, &|lost| panic!("{lost:?}"));
    verdicts.pop().unwrap()
}

fn kept(slot: &str, found: &Verdict) -> KeptInput {
    let input = found.input.clone().unwrap();
    // It stands in a file meanwhile.
    let input = serde_json::from_str(&format!("{input:#}")).unwrap();
    KeptInput { name: format!("that of {slot}"), slot: String::from(slot), input }
}

#[test]
fn what_was_found_is_found_again_under_another_seed_without_a_case() {
    let registry = registry();
    let (one, other) = (corpus(), Corpus::record(6));
    for slot in ["pre_order.certificate", "order.retire"] {
        let plan = Plan { cases: Some(4_000), ..Plan::default() };
        let found = judge(&registry, one, slot, &plan);
        assert_eq!(found.verdict, Decision::Rejected, "{found:?}");
        assert!(found.replay.is_some() && found.kept.is_none(), "{found:?}");

        let kept = kept(slot, &found);
        assert_eq!(registry.stale(std::slice::from_ref(&kept)), []);
        let elsewhere = KeptInput { slot: String::from("pre_order.covers"), ..kept.clone() };
        let plan = Plan { cases: Some(0), kept: vec![elsewhere, kept.clone()], ..Plan::default() };
        let again = judge(&registry, &other, slot, &plan);
        assert_eq!(again.verdict, Decision::Rejected, "{again:?}");
        assert_eq!(again.kept.as_ref(), Some(&kept.name));
        assert_eq!((&again.by, &again.rule), (&found.by, &found.rule));
        assert_eq!((&again.expected, &again.got), (&found.expected, &found.got));
        assert_eq!(again.minimal_input, found.minimal_input);
        assert_eq!((again.input, again.replay), (found.input, None));
        let right = judge(&right(), &other, slot, &plan);
        assert_ne!(right.verdict, Decision::Rejected, "{right:?}");
    }
}

/// The reference under another name.
fn right() -> Registry {
    let mut registry = Registry::default();
    registry.again("alpha");
    registry
}

/// Waits for ever.
fn hangs(_config: &Config, _originator: ReplicaId, _slot: &PoSlot) -> Option<Digest> {
    loop {
        std::thread::sleep(Duration::from_secs(1));
    }
}

#[test]
fn a_version_that_hangs_on_a_kept_input_is_shown_with_it() {
    let plan = Plan { cases: Some(4_000), ..Plan::default() };
    let found = judge(&registry(), corpus(), "pre_order.certificate", &plan);
    let mut registry = Registry::default();
    registry.pre_order.certificate.push(("alpha", hangs));
    let kept = vec![kept("pre_order.certificate", &found)];
    let limit = Duration::from_millis(100);
    let plan = Plan { cases: Some(0), kept, limit, ..Plan::default() };
    let (sender, lost) = std::sync::mpsc::channel();
    // Its thread waits for ever, and ends with the process.
    std::thread::spawn(move || {
        let selection = Selection { slot: Some("pre_order.certificate"), family: None };
        registry.judge(corpus(), &selection, &plan, &|verdict| sender.send(verdict).unwrap())
    });
    let lost = lost.recv_timeout(Duration::from_secs(60)).unwrap();
    assert_eq!((lost.by, lost.family.as_str()), (Some(By::Timeout), "alpha"));
    assert_eq!(lost.minimal_input, found.minimal_input);
}

#[test]
fn what_does_not_fit_is_named_and_met_by_nobody() {
    let registry = registry();
    let (name, slot) = (String::from("old"), String::from("pre_order.certificate"));
    let input = json!({ "slot": slot, "config": {}, "state": {}, "args": [], "sure": true });
    let kept = vec![KeptInput { name, slot: slot.clone(), input }];
    let stale = registry.stale(&kept);
    let stale: Vec<(&str, &str)> =
        stale.iter().map(|one| (one.name.as_str(), one.why.as_str())).collect();
    assert_eq!(stale, [("old", "config.cluster: this field is missing")]);
    let plan = Plan { cases: Some(0), kept, ..Plan::default() };
    let verdict = judge(&registry, corpus(), &slot, &plan);
    assert_eq!((verdict.verdict, verdict.cases), (Decision::Undecided, 0));
}

/// Everything that searches came to.
fn corpora() -> Vec<KeptInput> {
    let folders = |folder: &Path| {
        let entries = fs::read_dir(folder).unwrap();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    };
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus");
    let files = folders(&corpus).into_iter().flat_map(|folder| folders(&folder));
    files
        .map(|file| KeptInput {
            name: file.to_string_lossy().into_owned(),
            slot: file.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned(),
            input: serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap(),
        })
        .collect()
}

#[test]
fn what_searches_came_to_can_be_met_and_shows_nothing_about_the_reference() {
    let (registry, kept) = (right(), corpora());
    let stale = registry.stale(&kept);
    assert!(stale.len() < kept.len(), "nothing fits any more, search anew: {stale:?}");
    for slot in kept.iter().map(|one| one.slot.clone()).collect::<BTreeSet<String>>() {
        let target = Target::new(&registry, &slot).unwrap();
        for one in kept.iter().filter(|one| one.slot == slot) {
            assert_eq!(target.judge(one.input.to_string().as_bytes()), Ok(()), "{}", one.name);
        }
    }
}

#[test]
fn a_fuzzer_of_ones_own_meets_inputs_and_changes_them() {
    let (registry, right) = (registry(), right());
    assert!(Target::new(&registry, "order").is_none());
    let slot = "pre_order.certificate";
    let plan = Plan { cases: Some(4_000), ..Plan::default() };
    let input = judge(&registry, corpus(), slot, &plan).input.unwrap().to_string().into_bytes();
    let (wrong, right) =
        (Target::new(&registry, slot).unwrap(), Target::new(&right, slot).unwrap());
    let said = wrong.judge(&input).unwrap_err();
    assert!(said.starts_with("alpha/pre_order.certificate breaks the rule: "), "{said}");
    assert_eq!(right.judge(&input), Ok(()));
    for nothing in [&b""[..], b"{", b"{}", &input[1..]] {
        assert_eq!((wrong.judge(nothing), wrong.mutate(nothing, 1)), (Ok(()), None));
    }
    let mutants: Vec<_> = (0..50).map(|seed| right.mutate(&input, seed).unwrap()).collect();
    assert_eq!(mutants[7], right.mutate(&input, 7).unwrap());
    let other = mutants.iter().filter(|mutant| **mutant != input).count();
    assert!(other > 25, "{other} of 50 are others");
    for mutant in &mutants {
        assert_eq!(right.judge(mutant), Ok(()));
        assert!(right.mutate(mutant, 1).is_some());
    }
}
