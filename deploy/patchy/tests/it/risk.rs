//! Figures on joint failure, from tables that people write.

use crate::harness::{Ended, patchy};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn file(folder: &TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn risk(failures: &Path, numbers: [&str; 4], more: &[&str]) -> Ended {
    let [versions, inputs, replicas, tolerate] = numbers;
    let mut words = vec!["risk", "--json", "--failures", failures.to_str().unwrap()];
    words.extend(["--versions", versions, "--inputs", inputs]);
    words.extend(["--replicas", replicas, "--tolerate", tolerate]);
    words.extend(more);
    patchy(&words)
}

fn near(value: &Value, expected: f64, by: f64) -> bool {
    value.as_f64().is_some_and(|value| (value - expected).abs() <= by)
}

/// 48 versions on 1,000,000 inputs, of which 16 fail on the same 419: of 194,580 clusters of four
/// 115,320 have at most one of the 16. With all of an input's failures alike, 419 inputs see more
/// than one of four fail with chance 1 - 115,320/194,580. Independence: each of the 16 fails with
/// p = 4.19e-4; 1 - (1-p)^16 - 16 p (1-p)^15 = 2.0982e-5, so 20.98 inputs of a million.
#[test]
fn versions_that_share_a_mistake_are_seen_to_do_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = String::from("version,input\n");
    for version in 1..=16 {
        (0..419).for_each(|input| writeln!(rows, "{},{}", version * 3, input * 7).unwrap());
    }
    let failures = file(&folder, "failures.csv", rows);
    let ended = risk(&failures, ["48", "1000000", "4", "1"], &["--seed", "5"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let json = ended.json();
    let share = 1.0 - 115_320.0 / 194_580.0;
    assert!(near(&json["clusters_with_common_failure_percent"], 100.0 * share, 1e-9), "{json}");
    assert_eq!((&json["method"], &json["samples"]), (&"exact".into(), &0.into()));
    let more = &json["p_more_than_f"];
    assert!(near(&more["estimate"], 419e-6 * share, 1e-12), "{json}");
    // sqrt(419) of 419 is 4.9 %; twice that to either side.
    assert!(near(&more["low"], 419e-6 * share * 0.904, 5e-6), "{json}");
    assert!(near(&more["high"], 419e-6 * share * 1.096, 5e-6), "{json}");
    assert_eq!(json["coincident_observed"], 419);
    assert!(near(&json["coincident_expected"], 20.98, 0.01), "{json}");
    assert!(json["z"].as_f64().unwrap() > 80.0, "{json}");
    assert!(near(&json["phi_median"], 1.0, 1e-9), "{json}");
    assert!(near(&json["effective_versions"], 1.0, 1e-9), "{json}");
    let again = risk(&failures, ["48", "1000000", "4", "1"], &["--seed", "5"]);
    assert_eq!(again.json(), json);
    let other = risk(&failures, ["48", "1000000", "4", "1"], &["--seed", "6", "--samples", "100"]);
    assert_ne!(other.json()["p_more_than_f"], json["p_more_than_f"]);
}

#[test]
fn without_failures_a_bound_is_told_and_nothing_is_divided_by_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let failures = file(&folder, "none.csv", "version,input\n");
    let json = risk(&failures, ["4", "3000", "4", "1"], &[]).json();
    assert_eq!(json["clusters_with_common_failure_percent"], 0.0);
    let bound = serde_json::json!({ "estimate": 0.0, "low": 0.0, "high": 0.001 });
    assert_eq!(json["p_more_than_f"], bound);
    assert_eq!(json["p_more_than_f_method"], "three-over-inputs");
    for undefined in ["z", "phi_median", "effective_versions"] {
        assert_eq!(json[undefined], Value::Null, "{json}");
    }
}

#[test]
fn families_are_held_against_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let failures = file(&folder, "failures.csv", "version,input\n0,1\n1,1\n2,1\n3,2\n");
    let table = "version,family\n0,aspen\n1,aspen\n2,birch\n3,birch\n";
    let families = file(&folder, "families.csv", table);
    let more = ["--families", families.to_str().unwrap()];
    let json = risk(&failures, ["4", "10", "2", "1"], &more).json();
    let pair = &json["littlewood_miller"][0];
    assert_eq!(pair["families"], serde_json::json!(["aspen", "birch"]));
    assert!(near(&pair["covariance"], 0.04, 1e-12), "{json}");
    assert!(near(&json["eckhardt_lee"]["mean"], 0.1, 1e-12), "{json}");
    let short = file(&folder, "short.csv", "version,family\n0,aspen\n");
    let sentence = format!(
        "{}:2: 1 versions have a family, and there are 4: add a line for each",
        short.display()
    );
    let more = ["--families", short.to_str().unwrap()];
    risk(&failures, ["4", "10", "2", "1"], &more).fails(1, &sentence);
}

#[test]
fn a_table_that_cannot_be_used_is_named_with_line_and_mend() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [(&[u8], &str); 6] = [
        (b"", "1: the file is empty: begin it with the line `version,input`"),
        (b"0,1\n", "1: the first line is `0,1`: begin the file with the line `version,input`"),
        (
            b"version,input\n1,1\n9,1\n",
            "3: there is no version 9 among 4, which are numbered from 0 or from 1: correct the \
             number, or say how many there are with --versions",
        ),
        (
            b"version,input\n1,10\n",
            "2: there is no input 10 among 10, which are numbered from 0: correct the number, or \
             say how many there were with --inputs",
        ),
        (b"version,input\n1,1\n1,1\n", "3: this stands in line 2 already: leave one of them out"),
        (b"version,input\n\xff,1\n", "2: the file is not text in UTF-8; save it as that"),
    ];
    for (bytes, expected) in cases {
        let failures = file(&folder, "bad.csv", bytes);
        let sentence = format!("{}:{expected}", failures.display());
        risk(&failures, ["4", "10", "4", "1"], &[]).fails(1, &sentence);
    }
}

#[test]
fn a_question_that_has_no_answer_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let failures = file(&folder, "none.csv", "version,input\n");
    let too_many = "clusters of 5 distinct versions cannot be made of 4: take fewer";
    risk(&failures, ["4", "10", "5", "1"], &[]).fails(1, too_many);
    let ended = risk(&failures, ["4", "10", "4", "4"], &[]);
    ended.fails(1, "a cluster of 4 cannot tolerate 4: more than 4 of them never fail");
    assert_eq!(risk(&failures, ["4", "0", "4", "1"], &[]).code, Some(1));
    assert_eq!(patchy(&["risk", "--json"]).code, Some(1));
    let missing = risk(&folder.path().join("missing.csv"), ["4", "10", "4", "1"], &[]);
    assert_eq!(missing.code, Some(1));
}
