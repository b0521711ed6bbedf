//! Divergences end as rulings: files that every later check knows.

use crate::harness::Ended;
use crate::miniature::Miniature;
use serde_json::{Value, json};
use std::fs;

const HERON: &str = "variants/heron/src/pre_order/covers.rs";
const COVERS: [&str; 4] = ["check", "--slot", "pre_order.covers", "--json"];
/// Sees nothing but what is kept.
const BLIND: [&str; 6] = ["check", "--slot", "pre_order.covers", "--cases", "1", "--json"];
const PLAN: [&str; 5] = ["plan", "--replicas", "4", "--check-seconds=1", "--json"];

/// Heron's version of `pre_order.covers` is wrong from now on, by `much`.
fn spoiled(much: u64) -> Miniature {
    let miniature = Miniature::new();
    miniature.edit(HERON, ".sum()", &format!(".sum::<u64>() + {much}"));
    miniature
}

fn rule(miniature: &Miniature, wrong: &str, because: &str) -> Ended {
    miniature.run(&[&COVERS[..], &["--rule", wrong, "--because", because]].concat())
}

/// Rules on what heron does; gives the file.
fn ruled(miniature: &Miniature, wrong: &str) -> String {
    let ended = rule(miniature, wrong, "bytes weigh what they say");
    assert_eq!(ended.code, Some(2), "{ended:?}");
    ended.json()["ruled"].as_str().unwrap().to_owned()
}

fn rulings(miniature: &Miniature) -> usize {
    let folder = miniature.path("equivalence/rulings/pre_order.covers");
    fs::read_dir(folder).map_or(0, Iterator::count)
}

#[test]
fn what_was_ruled_on_is_met_again_before_anything_else() {
    let miniature = spoiled(1);
    assert_eq!(miniature.run(&BLIND).code, Some(0));
    let file = ruled(&miniature, "version");
    let text = fs::read_to_string(miniature.path(&file)).unwrap();
    let written: toml::Table = toml::from_str(&text).unwrap();
    assert_eq!(written["wrong"].as_str(), Some("version"), "{text}");
    assert_eq!(written["because"].as_str(), Some("bytes weigh what they say"));
    assert_eq!(written["version"][0]["family"].as_str(), Some("heron"));
    let input: Value = serde_json::from_str(written["input"].as_str().unwrap()).unwrap();
    assert_eq!(input, json!({ "payload": [1, 2, 3] }));

    let again = miniature.run(&BLIND);
    assert_eq!(again.code, Some(2), "{again:?}");
    let again = again.json();
    assert_eq!((&again["family"], &again["ruling"]), (&json!("heron"), &json!(file)), "{again}");
    assert_eq!(again["open_rulings"], 0);
    let told = miniature.run(&BLIND[..5]).stdout;
    let sentence = format!("ruling: {file}: the version is wrong: bytes weigh what they say");
    assert!(told.contains(&sentence), "{told}");
    let forms = ["--junit", "out.xml", "--sarif", "out.sarif"];
    assert_eq!(miniature.run(&[&BLIND[..], &forms].concat()).code, Some(2));
    for form in ["out.xml", "out.sarif"] {
        let text = fs::read_to_string(miniature.path(form)).unwrap();
        assert!(text.contains(&format!("kept input: {file}")), "{text}");
    }
    miniature.edit(HERON, ".sum::<u64>() + 1", ".sum()");
    assert_eq!(miniature.run(&BLIND).code, Some(0));
}

#[test]
fn a_ruling_ends_the_verdicts_on_its_slot() {
    let miniature = spoiled(1);
    assert_eq!(miniature.run(&BLIND).code, Some(0));
    let before = miniature.unjudged();
    // Six versions, two slots: those of the other slot were never judged.
    assert_eq!(before, 3);
    ruled(&miniature, "version");
    assert_eq!(miniature.unjudged(), 6);
}

#[test]
fn a_version_under_an_open_ruling_may_not_vote() {
    let miniature = spoiled(1);
    let all = ["check", "--json"];
    let ended = miniature.run(&all);
    assert_eq!((ended.code, &ended.json()["open_rulings"]), (Some(2), &json!(0)), "{ended:?}");
    let file = ruled(&miniature, "open");

    let ended = miniature.run(&all);
    assert_eq!((ended.code, &ended.json()["open_rulings"]), (Some(0), &json!(1)), "{ended:?}");
    let lack = &miniature.run(&PLAN).json()["infeasible"];
    let unusable = json!(["heron/pre_order.covers"]);
    let expected =
        json!([{ "slot": "pre_order.covers", "have": 3, "need": 4, "unusable": unusable }]);
    assert_eq!(lack, &expected);
    let replica = "[[replica]]\nid = 1\nfamily = \"heron\"\n";
    let plan = format!("format = 1\ntolerate = 0\n\n{replica}");
    fs::write(miniature.path("plan.toml"), plan).unwrap();
    let sentence = format!(
        "plan.toml:6: the version `heron/pre_order.covers` was rejected (by the open ruling {file}, see \
         `patchy check --slot pre_order.covers`): choose another, or name it in `override-rejected` \
         to use it all the same"
    );
    let build = ["build", "plan.toml", "-o", "out", "--check-seconds=1", "--json"];
    miniature.run(&build).fails(2, &sentence);

    // Decided otherwise, in the same file.
    assert_eq!(ruled(&miniature, "version"), file);
    assert_eq!(rulings(&miniature), 1);
    let ended = miniature.run(&all);
    assert_eq!((ended.code, &ended.json()["open_rulings"]), (Some(2), &json!(0)), "{ended:?}");
    // Another text is another version.
    ruled(&miniature, "open");
    miniature.edit(HERON, ".sum::<u64>() + 1", ".sum()");
    let ended = miniature.run(&all);
    assert_eq!((ended.code, &ended.json()["open_rulings"]), (Some(0), &json!(0)), "{ended:?}");
}

#[test]
fn what_blames_the_contract_is_open_until_somebody_rules() {
    let miniature = spoiled(2);
    let all = ["check", "--json"];
    let ended = miniature.run(&all);
    assert_eq!((ended.code, &ended.json()["open_rulings"]), (Some(0), &json!(1)), "{ended:?}");
    ruled(&miniature, "contract");
    let ended = miniature.run(&all);
    assert_eq!((ended.code, &ended.json()["open_rulings"]), (Some(2), &json!(0)), "{ended:?}");
}

#[test]
fn nothing_is_ruled_on_without_a_finding_and_a_reason() {
    let miniature = Miniature::new();
    let sentence = "there is nothing to rule on: no version was rejected for what it did upon an \
                    input; look longer with --cases or --seconds";
    rule(&miniature, "version", "so").fails(1, sentence);
    let miniature = spoiled(1);
    rule(&miniature, "version", " ").fails(1, "--because is empty: say why");
    let ended = miniature.run(&[&COVERS[..], &["--rule", "version"]].concat());
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(rulings(&miniature), 0);
}

#[test]
fn a_ruling_that_is_none_is_named_with_its_line_and_mend() {
    let miniature = spoiled(1);
    let file = ruled(&miniature, "version");
    let cases = [
        ("format = 1", "format = 2", ":1: the ruling has format 2, and this tool reads format 1"),
        (
            "\"pre_order.covers\"",
            "\"pre_order.cover\"",
            ":2: no slot and no component is called `pre_order.cover`: did you mean `pre_order.covers`?",
        ),
        (
            "\"pre_order.covers\"",
            "\"pre_order.on_update\"",
            ":2: the folder is called pre_order.covers: call it pre_order.on_update",
        ),
        ("bytes weigh what they say", "", ":4: `because` is empty: say why"),
    ];
    for (old, new, sentence) in cases {
        let text = fs::read_to_string(miniature.path(&file)).unwrap();
        miniature.edit(&file, old, new);
        miniature.run(&COVERS).fails(1, &format!("{file}{sentence}"));
        fs::write(miniature.path(&file), text).unwrap();
    }
    miniature.edit(&file, "\"payload\"", "\"load\"");
    miniature.run(&COVERS).fails(1, &format!(
        "{file}: its input does not fit the slot any more (payload: it is missing): mend the field \
         `input`, or delete the file and rule on the same thing when it is found again"
    ));
    miniature.edit(&file, "\"load\"", "load");
    let ended = miniature.run(&COVERS);
    let error = ended.json()["error"].as_str().unwrap_or_default().to_owned();
    assert!(error.contains("the input is no JSON"), "{error}");
}

#[test]
fn a_ruling_made_anew_is_still_about_the_texts_of_before() {
    let miniature = spoiled(1);
    let file = ruled(&miniature, "open");
    let named = || -> Vec<String> {
        let text = fs::read_to_string(miniature.path(&file)).unwrap();
        let written: toml::Table = toml::from_str(&text).unwrap();
        let versions = written["version"].as_array().unwrap().iter();
        versions.map(|version| version["family"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(named(), ["heron"]);
    let bad = fs::read_to_string(miniature.path(HERON)).unwrap();
    let good = bad.replace(".sum::<u64>() + 1", ".sum()");
    fs::write(miniature.path(HERON), &good).unwrap();
    let ibis = "variants/ibis/src/pre_order/covers.rs";
    miniature.edit(ibis, "weigh_bytes(&update.payload)", "weigh_bytes(&update.payload) + 1");
    // The same input shows it, so it is the same ruling.
    assert_eq!(ruled(&miniature, "open"), file);
    assert_eq!(named(), ["heron", "ibis"]);
    assert_eq!(ruled(&miniature, "open"), file);
    assert_eq!(named(), ["heron", "ibis"]);
    // Heron's text may not come back.
    fs::write(miniature.path(HERON), &bad).unwrap();
    assert_eq!(miniature.run(&["check", "--json"]).json()["open_rulings"], 2);
}
