//! Mutation adequacy, in a miniature whose bench looks at one slot alone.

use crate::harness::{Ended, patchy};
use crate::miniature::Miniature;
use serde_json::Value;
use std::fs;

const FILE: &str = "equivalence/adjudications.toml";

/// The last value is told by cases: without them nothing is given back, which does not compile.
fn with_an_unviable_mutant() -> Miniature {
    let miniature = Miniature::new();
    let cases = "    if sum > 0 {\n        sum\n    } else {\n        0\n    }\n}";
    miniature.edit("reference/tally/src/pre_order/covers.rs", "    sum\n}", cases);
    miniature
}

fn mutate(miniature: &Miniature, slot: &str, more: &[&str]) -> Ended {
    miniature.run(&[&["mutate", "--json", "--slot", slot], more].concat())
}

fn count(json: &Value, field: &str) -> u64 {
    json[field].as_u64().unwrap()
}

fn mutations(listed: &Value) -> Vec<String> {
    let listed = listed.as_array().unwrap().iter();
    listed.map(|mutant| mutant["mutation"].as_str().unwrap().to_owned()).collect()
}

fn entry(slot: &str, mutation: &str, reason: &str) -> String {
    let quoted = Value::from(mutation).to_string();
    format!("[[survivor]]\nslot = \"{slot}\"\nmutation = {quoted}\nreason = \"{reason}\"\n")
}

#[test]
fn faults_are_noticed_or_do_not_compile_or_survive() {
    let miniature = with_an_unviable_mutant();
    let ended = mutate(&miniature, "pre_order.covers", &["--all"]);
    // That nothing weighs nothing is no case of this bench: those bounds may move.
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let json = ended.json();
    let survivors = mutations(&json["survivors"]);
    assert_eq!(
        survivors,
        [
            "comparison in covers: `if sum > 0 {` becomes `if sum >= 0 {`",
            "off by one in covers: `if sum > 0 {` becomes `if sum > 1 {`",
            "off by one in covers: `0` becomes `1`",
        ]
    );
    let (mutants, killed, unviable) =
        (count(&json, "mutants"), count(&json, "killed"), count(&json, "unviable"));
    assert_eq!((unviable, killed + unviable + 3), (2, mutants), "{json}");
    assert_eq!(json["killed_by"]["oracle"], killed, "{json}");
    let all = json["all"].as_array().unwrap();
    let unviable = all.iter().filter(|mutant| mutant["fate"] == "unviable");
    let unviable: Vec<&Value> = unviable.map(|mutant| &mutant["operator"]).collect();
    assert_eq!(unviable, ["statements swapped", "statement dropped"]);
    let zero = all.iter().find(|one| {
        one["mutation"] == "off by one in covers: `let mut sum = 0;` becomes `let mut sum = 1;`"
    });
    let zero = zero.unwrap();
    assert_eq!((&zero["fate"], &zero["line"]), (&"oracle".into(), &11.into()));
    assert_eq!(zero["file"], "reference/tally/src/pre_order/covers.rs");
}

#[test]
fn every_adjudication_of_this_project_is_of_a_mutant_of_today() {
    let ended = patchy(&["mutate", "--dry-run", "--json"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let json = ended.json();
    assert_eq!((count(&json, "mutants"), count(&json, "open")), (0, 0));
    assert!(count(&json, "made") > 1_000, "{json}");
}

#[test]
fn a_sample_is_judged_and_the_same_for_a_seed() {
    let miniature = with_an_unviable_mutant();
    let draw = |seed| {
        let json =
            mutate(&miniature, "pre_order.covers", &["--all", "--sample", "3", "--seed", seed]);
        mutations(&json.json()["all"])
    };
    let first = draw("4");
    assert_eq!((first.len(), &first), (3, &draw("4")));
    assert_ne!(first, draw("5"));
}

/// Of the reference and of every family that has a version, in parts that are all of it together.
#[test]
fn everybodys_mutants_are_judged_in_parts() {
    let miniature = Miniature::new();
    let judge = |more: &[&str]| {
        let json =
            mutate(&miniature, "pre_order.covers", &[&["--family", "all", "--all"], more].concat());
        json.json()
    };
    let all = judge(&[]);
    let texts = all["texts"].as_object().unwrap();
    let families: Vec<&String> = texts.keys().collect();
    assert_eq!(families, ["crane", "heron", "ibis", "reference"]);
    let row = &texts["heron"]["pre_order.covers"];
    assert_eq!(count(row, "mutants"), count(row, "killed") + count(row, "unviable"), "{all}");
    let parts = ["1/3", "2/3", "3/3"].map(|part| mutations(&judge(&["--shard", part])["all"]));
    assert!(parts.iter().all(|part| !part.is_empty()));
    assert_eq!(parts.concat(), mutations(&all["all"]));
    let ended = mutate(&miniature, "pre_order.covers", &["--shard", "4/3"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
}

#[test]
fn survivors_are_adjudicated_once_and_in_writing() {
    let miniature = with_an_unviable_mutant();
    let slot = "pre_order.covers";
    let survivors = mutations(&mutate(&miniature, slot, &[]).json()["survivors"]);
    let all: String = survivors.iter().map(|one| entry(slot, one, "for a test")).collect();
    fs::write(miniature.path(FILE), &all).unwrap();
    let ended = mutate(&miniature, slot, &[]);
    assert_eq!((ended.code, &ended.json()["open"]), (Some(0), &0.into()), "{ended:?}");
    assert_eq!(ended.json()["survivors"][0]["adjudication"], "for a test");

    // One that the bench kills was adjudicated for a reason that does not hold.
    let killed = "off by one in covers: `let mut sum = 0;` becomes `let mut sum = 1;`";
    fs::write(miniature.path(FILE), all + &entry(slot, killed, "wrong")).unwrap();
    let ended = mutate(&miniature, slot, &[]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert_eq!(mutations(&ended.json()["refuted"]), [killed]);
}

#[test]
fn what_is_written_wrongly_is_named_with_line_and_mend() {
    let miniature = Miniature::new();
    let slot = "pre_order.covers";
    let mutation = "statement dropped in covers: `sum += u64::from(*byte);` becomes nothing";
    let good = entry(slot, mutation, "for a test");
    let gone = "comparison in covers: `a < b` becomes `a <= b`";
    let unknown = format!(
        "6: reference/{slot} has no mutant `{gone}`: the code has changed, so look at it again, and \
         take the name from `patchy mutate --slot {slot}` or leave the entry out"
    );
    let cases = [
        (format!("{good}\n{}", entry(slot, gone, "gone")), unknown.as_str()),
        (format!("{good}{good}"), "5: this stands in line 1 already: leave one of them out"),
        (
            entry(slot, mutation, " "),
            "1: the `reason` is empty: say why nobody can tell the mutant",
        ),
        (
            entry("pre_order.cover", mutation, "x"),
            "1: no slot and no component is called `pre_order.cover`: did you mean `pre_order.covers`?",
        ),
        (
            good.replace("slot =", "family = \"herron\"\nslot ="),
            "1: no family is called `herron`: did you mean `heron`?",
        ),
    ];
    for (text, expected) in cases {
        fs::write(miniature.path(FILE), text).unwrap();
        let sentence = format!("{}:{expected}", miniature.path(FILE).display());
        // Of whatever slot they speak: nothing was compiled yet.
        mutate(&miniature, "pre_order.on_update", &[]).fails(1, &sentence);
    }
    fs::write(miniature.path(FILE), "[[survivor]]\nslots = 1\n").unwrap();
    let ended = mutate(&miniature, slot, &[]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let error = ended.json()["error"].as_str().unwrap().to_owned();
    assert!(error.starts_with(&format!("{}:2: ", miniature.path(FILE).display())), "{error}");
}

/// Lest each is met alone, when the one before was mended.
#[test]
fn all_that_is_written_about_no_mutant_is_named_at_once() {
    let miniature = Miniature::new();
    let (slot, mutation) = ("pre_order.covers", "no such change");
    let family = entry(slot, mutation, "x").replace("slot =", "family = \"heron\"\nslot =");
    fs::write(miniature.path(FILE), entry(slot, mutation, "x") + &family).unwrap();
    let ended = mutate(&miniature, "pre_order.on_update", &["--dry-run"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let error = ended.json()["error"].as_str().unwrap().to_owned();
    let lines: Vec<&str> = error.lines().collect();
    assert_eq!(lines.len(), 2, "{error}");
    assert!(lines[0].contains("toml:1: reference/pre_order.covers has no mutant"), "{error}");
    assert!(lines[1].contains("toml:5: heron/pre_order.covers has no mutant"), "{error}");
    assert!(lines[1].contains("`patchy mutate --slot pre_order.covers --family heron`"), "{error}");
}

#[test]
fn a_text_that_the_bench_rejects_is_not_mutated() {
    let miniature = Miniature::new();
    miniature.edit("variants/heron/src/pre_order/covers.rs", ".sum()", ".sum::<u64>() + 1");
    let sentence = "the bench rejects heron/pre_order.covers as it stands (by oracle), so a \
                    rejected mutant of it would say nothing: see `patchy check --slot \
                    pre_order.covers`";
    mutate(&miniature, "pre_order.covers", &["--family", "heron"]).fails(2, sentence);
}

#[test]
fn what_cannot_be_mutated_is_said() {
    let miniature = Miniature::new();
    let sentence = "reference has nothing to mutate that the bench can judge: name another slot or \
                    family";
    mutate(&miniature, "check.judge", &[]).fails(1, sentence);
    let sentence = "no family is called `herron`: did you mean `heron`?";
    mutate(&miniature, "pre_order.covers", &["--family", "herron"]).fails(1, sentence);
    assert_eq!(mutate(&miniature, "pre_order.covers", &["--sample", "3"]).code, Some(1));
}
