//! Checks that are cut into parts, and which branches inputs take, in a miniature whose bench knows few cases.

use crate::miniature::Miniature;
use serde_json::{Value, json};
use std::fs;

#[test]
fn parts_are_noted_and_not_run_again() {
    let miniature = Miniature::new();
    let record = "target/long.jsonl";
    fs::create_dir_all(miniature.path("target")).unwrap();
    let check = |more: &[&str]| {
        let words = ["check", "--slot", "pre_order.covers", "--cases", "20", "--parts", "2"];
        miniature.run(&[&words[..], &["--record", record, "--json"], more].concat())
    };
    let first = check(&["--shard", "1/2"]);
    assert_eq!(first.code, Some(0), "{first:?}");
    assert_eq!(first.json()["parts"]["done"], json!([1]));
    let text = fs::read_to_string(miniature.path(record)).unwrap();
    let half = text.split_at(text.len() / 2).0;
    fs::write(miniature.path(record), format!("{text}{half}")).unwrap();
    let all = check(&[]);
    assert_eq!(all.code, Some(0), "{all:?}");
    let json = all.json();
    assert_eq!((&json["parts"]["of"], &json["parts"]["done"]), (&json!(2), &json!([1, 2])));
    // The miniature's bench calls whatever it did one case.
    assert_eq!((&json["verdict"], &json["cases"]), (&json!("accepted"), &json!(2)));
    let seeds = fs::read_to_string(miniature.path(record)).unwrap();
    let seed = |line: &str| serde_json::from_str::<Value>(line).unwrap()["seed"].clone();
    assert_eq!(seeds.lines().map(seed).collect::<Vec<_>>(), [json!(1), json!(1001)]);
    let again = check(&[]).json();
    assert_eq!((&again["cached"], &again["versions"]), (&json!(true), &json["versions"]));
    // A version that changed is another check.
    miniature.edit("variants/heron/src/pre_order/covers.rs", "pub fn", "// Anew.\npub fn");
    let refused = check(&[]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    let error = refused.json()["error"].as_str().unwrap().to_owned();
    assert!(error.contains("long.jsonl:1: this is of another check"), "{error}");
}

#[test]
fn branches_that_no_input_takes_are_named() {
    let miniature = Miniature::new();
    let cases = "    if sum > 0 {\n        sum\n    } else {\n        0\n    }\n}";
    miniature.edit("reference/tally/src/pre_order/covers.rs", "    sum\n}", cases);
    let words = ["check", "--branches", "--slot", "pre_order.covers", "--cases", "20", "--json"];
    let ended = miniature.run(&words);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let json = ended.json();
    // Of the bench's payloads none has the sum 0.
    let reference = &json["families"]["reference"];
    let of = json["versions"].as_array().unwrap().iter();
    let missed: Vec<&Value> = of
        .filter(|one| one["family"] == "reference")
        .flat_map(|one| one["missed"].as_array().unwrap())
        .map(|branch| &branch["what"])
        .collect();
    assert_eq!(missed, ["else"], "{json}");
    let counted = |field: &str| reference[field].as_u64().unwrap();
    assert_eq!(counted("branches"), counted("taken") + 1, "{json}");
    assert!(counted("taken") > 0, "{json}");
}
