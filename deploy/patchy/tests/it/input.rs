//! Bad input: each ends in one sentence that names the file, the place in it and the mend.

use crate::harness::patchy;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// One replica of the reference that tolerates nothing.
const ALONE: &str = "\
format = 1
tolerate = 0

[[replica]]
id = 1
family = \"reference\"
";

fn file(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_plan_that_is_no_plan_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        "format = 1\ntolerate = \n".to_owned(),
        ALONE.replace("tolerate", "tolerant"),
        ALONE.replace("tolerate = 0", "tolerate = \"many\""),
    ];
    for plan in cases {
        let plan = file(&folder, "plan.toml", &plan);
        let ended = patchy(&["diff", text(&plan), "1", "--json"]);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        // The rest is in the words of the TOML library.
        let error = ended.json()["error"].as_str().unwrap_or_default().to_owned();
        assert!(error.starts_with(&format!("{}:2: ", plan.display())), "{error}");
    }
}

#[test]
fn what_a_plan_says_wrongly_is_named_with_its_line_and_mend() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        (
            ALONE.replace("format = 1", "format = 9"),
            "1: the plan has format 9, and this tool reads format 1: make the plan anew",
        ),
        (
            ALONE.replace("reference", "referense"),
            "6: no family is called `referense`: did you mean `reference`?",
        ),
        (
            format!("{ALONE}slots = {{ \"pre_order.cover\" = \"reference\" }}\n"),
            "7: no slot is called `pre_order.cover`: did you mean `pre_order.covers`?",
        ),
        (
            ALONE.replace("tolerate = 0", "tolerate = 1"),
            "1: 1 replicas cannot tolerate 1 while 0 recover: that takes 4 (3f+2k+1); add replicas, \
             or tolerate less",
        ),
    ];
    for (plan, expected) in cases {
        let plan = file(&folder, "plan.toml", &plan);
        let sentence = format!("{}:{expected}", plan.display());
        patchy(&["diff", text(&plan), "1", "--json"]).fails(1, &sentence);
    }
}

#[test]
fn a_plan_that_is_no_text_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let plan = folder.path().join("plan.toml");
    fs::write(&plan, [ALONE.as_bytes(), b"name = \"\xff\"\n"].concat()).unwrap();
    let sentence = format!("{}:7: the file is not text in UTF-8; save it as that", plan.display());
    for words in
        [&["diff", text(&plan), "1", "--json"][..], &["build", text(&plan), "-o", "/tmp", "--json"]]
    {
        patchy(words).fails(1, &sentence);
    }
}

#[test]
fn a_plan_that_is_not_there_is_named() {
    patchy(&["build", "/nowhere/plan.toml", "-o", "/tmp", "--json"]).fails(
        1,
        "/nowhere/plan.toml: there is no such file; make a plan with `patchy plan --replicas 4 \
             -o /nowhere/plan.toml`",
    );
}

#[test]
fn an_unknown_replica_of_a_plan_is_named_with_those_that_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let plan = file(&folder, "plan.toml", ALONE);
    patchy(&["diff", text(&plan), "7", "--json"]).fails(1, "the plan has no replica 7: it has 1");
}

#[test]
fn an_unknown_slot_is_named_with_the_nearest() {
    let sentence = "no slot and no component is called `pre_order.on_po_reqest`: did you mean \
                    `pre_order.on_po_request`?";
    for command in [
        &["prompt", "pre_order.on_po_reqest", "--json"][..],
        &["check", "--slot", "pre_order.on_po_reqest", "--json"],
        &["demo", "--plant-slot", "pre_order.on_po_reqest", "--json"],
    ] {
        let ended = patchy(command);
        // The demonstration makes a plan first, for which there may be too few families.
        if !ended.stderr.contains("families, each in at most") {
            ended.fails(1, sentence);
        }
    }
}

#[test]
fn a_fault_that_cannot_be_planted_is_refused_before_anything_is_done() {
    let plant = |slot, replica| {
        patchy(&["demo", "--json", "--plant-slot", slot, "--plant-replica", replica])
    };
    plant("pre_order.on_update", "7").fails(1, "the plan has no replica 7: it has 1, 2, 3, 4");
    let ended = plant("order.accept", "2");
    let sentence = ended.json()["error"].as_str().unwrap().to_owned();
    ended.fails(1, &sentence);
    let begin = "nothing can be planted in `order.accept`: no parameter carries an update; these \
                 slots have one: ";
    let slots = sentence.strip_prefix(begin).unwrap();
    assert!(slots.split(", ").any(|slot| slot == "pre_order.on_update"), "{slots}");
}

#[test]
fn a_version_whose_signature_does_not_fit_is_rejected_by_the_gate() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = "/// Tells.\npub fn covers(one: u32) -> bool {\n    one > 0\n}\n";
    let candidate = file(&folder, "draft.rs", wrong);
    let ended =
        patchy(&["check", "--slot", "pre_order.covers", "--candidate", text(&candidate), "--json"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let json = ended.json();
    assert_eq!(json["verdict"], "rejected");
    assert_eq!(json["by"], "gate");
    assert_eq!(json["family"], "candidate");
    assert_eq!(json["slot"], "pre_order.covers");
    let got = json["got"].as_str().unwrap();
    assert!(got.starts_with(&format!("{}:2:", candidate.display())), "{got}");
}

#[test]
fn a_candidate_of_no_known_slot_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let candidate = file(&folder, "draft.rs", "");
    let sentence = format!(
        "{}: of which slot is this a version? name it with --slot, or end the path in \
         COMPONENT/SLOT.rs",
        candidate.display()
    );
    patchy(&["check", "--candidate", text(&candidate), "--json"]).fails(1, &sentence);
}

#[test]
fn a_folder_that_cannot_be_written_is_found_out_before_the_build() {
    let folder = tempfile::tempdir().unwrap();
    let plan = file(&folder, "plan.toml", ALONE);
    let output = plan.join("out");
    let sentence =
        format!("{}: a part of this path is a file and no folder; name another", output.display());
    patchy(&["build", text(&plan), "-o", text(&output), "--json"]).fails(1, &sentence);
    patchy(&["init", text(&output), "--plan", text(&plan), "--json"]).fails(1, &sentence);
}

#[test]
fn a_cluster_is_made_in_an_empty_folder_alone() {
    let folder = tempfile::tempdir().unwrap();
    let plan = file(&folder, "plan.toml", ALONE);
    let sentence = format!(
        "{}: not empty; a new cluster needs a new or empty folder",
        folder.path().display()
    );
    let words = ["init", text(folder.path()), "--plan", text(&plan), "--json"];
    patchy(&words).fails(1, &sentence);
}

#[test]
fn a_plan_for_too_few_families_says_what_is_missing() {
    let ended = patchy(&["plan", "--replicas", "4", "--families", "reference", "--json"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let json = ended.json();
    assert_eq!(json["replicas"], 4);
    assert!(json["error"].as_str().unwrap().contains("need 4 families"), "{json}");
    assert!(!json["infeasible"].as_array().unwrap().is_empty(), "{json}");
}

#[test]
fn a_plan_that_cannot_be_written_is_found_out_before_anything_is_judged() {
    let folder = tempfile::tempdir().unwrap();
    let plan = |output: &str| patchy(&["plan", "--replicas", "4", "-o", output, "--json"]);
    let missing = folder.path().join("missing");
    let file = missing.join("plan.toml");
    let sentence = format!(
        "{}: no file can be made in {} (entity not found); name another with -o",
        file.display(),
        missing.display()
    );
    plan(text(&file)).fails(1, &sentence);
    let sentence = format!("{}: this is a folder; name a file in it", folder.path().display());
    plan(text(folder.path())).fails(1, &sentence);
}

#[test]
fn more_replicas_than_a_cluster_can_have_are_refused() {
    let ended = patchy(&["plan", "--replicas", "1000", "--json"]);
    ended.fails(1, "a cluster has at most 64 replicas, and these are 1000: take fewer");
}
