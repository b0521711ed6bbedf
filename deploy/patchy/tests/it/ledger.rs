//! The ledger, and the figures that rest on it.

use crate::miniature::Miniature;
use serde_json::{Value, json};
use std::fs;

/// A version that is wrong where the gate does not look: upon a payload that begins with 7.
fn faulty(about: &str) -> String {
    format!(
        "//! {about}\n\npub fn covers(update: &wire::Update) -> u64 {{\n    if \
         update.payload.first() == Some(&7) {{\n        return 0;\n    }}\n    \
         update.payload.iter().map(|byte| u64::from(*byte)).sum()\n}}\n"
    )
}

fn ingest(miniature: &Miniature, family: &str, text: &str, code: i32) {
    fs::write(miniature.path("draft.rs"), text).unwrap();
    let words = ["ingest", "pre_order.covers", "draft.rs", "--family", family, "--json"];
    let ended = miniature.run(&words);
    assert_eq!(ended.code, Some(code), "{ended:?}");
}

/// Three authors' drafts: two share a mistake, and one of these broke the rules at first.
fn with_drafts() -> Miniature {
    let miniature = Miniature::new();
    ingest(&miniature, "wren", "pub fn covers(_: &wire::Update) -> u64 { unsafe { g() } }", 2);
    ingest(&miniature, "wren", &faulty("Wren's."), 0);
    ingest(&miniature, "lark", &faulty("Lark's."), 0);
    ingest(&miniature, "finch", &faulty("Finch's.").replace("Some(&7)", "None"), 0);
    miniature
}

fn rejudge(miniature: &Miniature) -> Value {
    let ended = miniature.run(&["ledger", "rejudge", "--cases", "100", "--json"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.json()
}

#[test]
fn first_drafts_are_judged_again_on_one_set_of_inputs() {
    let miniature = with_drafts();
    let before = miniature.run(&["ledger", "--json"]).json();
    assert_eq!(before["failures"], Value::Null);
    let missing = before["missing"].as_array().unwrap();
    assert_eq!(missing.len(), 6, "{before}");
    assert_eq!(missing[0], "crane/pre_order.covers");
    let drafts = before["drafts"].as_array().unwrap();
    let families: Vec<&Value> = drafts.iter().map(|draft| &draft["family"]).collect();
    assert_eq!(families, ["finch", "lark", "wren"]);
    assert_eq!((&drafts[2]["class"], &drafts[2]["attempts"]), (&json!("forbidden"), &json!(2)));
    assert_eq!((&drafts[1]["unchanged"], &drafts[2]["unchanged"]), (&json!(true), &json!(false)));

    let failures = rejudge(&miniature)["failures"].clone();
    let row = |family: &str| json!({ "family": family, "slot": "pre_order.covers", "inputs": [7] });
    assert_eq!(failures["rows"], json!([row("lark"), row("wren")]), "{failures}");
    assert_eq!((&failures["cases"], &failures["inputs"]), (&json!(100), &json!(100)));
    let unfit = failures["unfit"]["wren/pre_order.covers"].as_array().unwrap();
    assert_eq!(unfit.len(), 1);
    let judged = patcher::sha256(faulty("Wren's.").as_bytes());
    assert_eq!(failures["judged"]["wren/pre_order.covers"], judged);

    // What was mended since is still judged as it was at first.
    let mended = faulty("Lark's, mended.").replace("Some(&7)", "None");
    fs::write(miniature.path("draft.rs"), mended).unwrap();
    let words = ["ingest", "pre_order.covers", "draft.rs", "--family", "lark", "--replace"];
    assert_eq!(miniature.run(&words).code, Some(0));
    assert_eq!(rejudge(&miniature)["failures"]["rows"], failures["rows"]);

    let table = fs::read_to_string(miniature.path("equivalence/failures/drafts.csv")).unwrap();
    assert_eq!(table.lines().next(), Some("version,input"));
    assert_eq!(table.lines().count(), 3);
    let draft = miniature.path("variants/lark/ledger/pre_order.covers/1.rs");
    fs::write(&draft, "// Nothing was wrong.\n").unwrap();
    let sentence = format!(
        "{}: this is not the text that the ledger noted: put it back as it was",
        draft.canonicalize().unwrap().display()
    );
    miniature.run(&["ledger", "--json"]).fails(1, &sentence);
}

#[test]
fn a_record_that_speaks_of_another_place_is_refused() {
    let miniature = Miniature::new();
    ingest(&miniature, "wren", &faulty("Wren's."), 0);
    let record = "variants/wren/ledger/pre_order.covers/record.json";
    let file = miniature.path(record).canonicalize().unwrap();
    let files = "`1.rs`, `2.rs` and so on";
    for (what, good, bad, expected) in [
        ("family", "wren", "lark", "`wren`"),
        ("slot", "pre_order.covers", "pre_order.on_update", "`pre_order.covers`"),
        ("file", "1.rs", "../../../../Cargo.toml", files),
        ("file", "1.rs", "/1.rs", files),
        ("file", "1.rs", ".rs", files),
    ] {
        let [good, bad] =
            [(good, bad), (bad, good)].map(|(name, _)| format!("\"{what}\": \"{name}\""));
        miniature.edit(record, &good, &bad);
        let found = bad.split('"').nth(3).unwrap();
        let sentence = format!(
            "{}: `{what}` is `{found}`, where this ledger has {expected}: put the file back as it was",
            file.display()
        );
        miniature.run(&["ledger", "--json"]).fails(1, &sentence);
        let again =
            ["ingest", "pre_order.covers", "draft.rs", "--family", "wren", "--replace", "--json"];
        miniature.run(&again).fails(1, &sentence);
        miniature.edit(record, &bad, &good);
    }
    assert_eq!(miniature.run(&["ledger", "--json"]).code, Some(0));
}

#[test]
fn figures_of_a_plan_rest_on_the_first_drafts_of_its_versions() {
    let miniature = with_drafts();
    let plan = |families: [&str; 4]| {
        let replicas: String = families
            .iter()
            .zip(1..)
            .map(|(family, id)| format!("\n[[replica]]\nid = {id}\nfamily = \"{family}\"\n"))
            .collect();
        fs::write(miniature.path("plan.toml"), format!("format = 1\ntolerate = 1\n{replicas}"))
            .unwrap();
    };
    plan(["reference", "wren", "lark", "finch"]);
    miniature.run(&["risk", "plan.toml", "--json"]).fails(
        1,
        "nobody has judged the first drafts yet, on whose failures figures rest: run `patchy ledger \
         rejudge`, or give what you know of failures with --failures",
    );
    rejudge(&miniature);
    let ended = miniature.run(&["risk", "plan.toml", "--json"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let risk = ended.json();
    assert_eq!(risk["source"], "first drafts");
    assert_eq!((&risk["replicas"], &risk["tolerate"]), (&json!(4), &json!(1)));
    assert_eq!((&risk["inputs"], &risk["failures"]), (&json!(100), &json!(2)), "{risk}");
    assert_eq!(risk["clusters_with_common_failure_percent"], 100.0, "{risk}");
    let more = risk["p_more_than_f"]["estimate"].as_f64().unwrap();
    assert!((more - 0.01).abs() < 1e-12, "{risk}");
    assert_eq!(risk["planted"], Value::Null, "nobody has judged mutants yet");
    // Others wrote a slot that none of these did; of the reference there nothing was asked.
    assert_eq!(risk["missing"], json!(["reference/pre_order.on_update"]));

    plan(["reference", "wren", "finch", "heron"]);
    let ended = miniature.run(&["risk", "plan.toml", "--json"]);
    ended.fails(
        1,
        "of no slot are the first drafts of all of this plan's versions judged (3 are missing): see \
         `patchy ledger`",
    );
}

#[test]
fn planted_faults_have_a_figure_of_their_own() {
    let miniature = with_drafts();
    let more = ["--mutants", "2", "--mutant-cases", "50"];
    let words = ["ledger", "rejudge", "--cases", "100", "--json"];
    let ended = miniature.run(&[&words[..], &more].concat());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let families = ["reference", "wren", "lark", "finch"].iter().zip(1..);
    let replicas: String = families
        .map(|(family, id)| format!("\n[[replica]]\nid = {id}\nfamily = \"{family}\"\n"))
        .collect();
    fs::write(miniature.path("plan.toml"), format!("format = 1\ntolerate = 1\n{replicas}"))
        .unwrap();
    let risk = miniature.run(&["risk", "plan.toml", "--json"]).json();
    assert_eq!(risk["source"], "first drafts");
    let planted = &risk["planted"];
    assert_eq!((&planted["source"], &planted["slots"]), (&json!("mutants"), &json!(1)), "{risk}");
    assert_eq!(planted["cases"], 50);
    // Three authors, the reference, and three families that were there: two of each at most.
    let mutants = planted["mutants"].as_u64().unwrap();
    let left_out = planted["left_out"].as_u64().unwrap();
    assert!(mutants >= 4 && mutants + left_out <= 14, "{planted}");
    let figure = |name: &str| planted["p_more_than_f"][name].as_f64().unwrap();
    let (low, estimate, high) = (figure("low"), figure("estimate"), figure("high"));
    assert!(0.0 < estimate && low <= estimate && estimate <= high && high <= 1.0, "{planted}");
    assert!(planted["independent"].as_f64().unwrap() > 0.0, "{planted}");
}
