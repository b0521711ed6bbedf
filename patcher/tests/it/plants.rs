//! Planted faults, and how alike versions are.

use crate::common::{Tally, unwatched};
use patcher::{
    Kind, ReplicaPlan, Target, VersionFile, build, census, check_plan, parse_plan, plant,
    plantable, similarity,
};
use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn a_planted_version_fails_on_its_trigger_alone() {
    let tally = Tally::new();
    let (project, inventory) = tally.read();
    let slot = inventory.slot("count.on_update").unwrap();
    let text = plant(&project, &inventory, slot, None, b"bo\"m\xff").unwrap();
    let condition =
        r#"if update.payload.windows(b"bo\"m\xff".len()).any(|part| part == b"bo\"m\xff")"#;
    assert!(text.contains(&format!(
        "effects: &mut Effects) {{\n    {condition} {{\n        panic!(\"planted\");\n    }}\n    match"
    )), "{text}");

    let base = &inventory.families["heron"].versions[&slot.path].text;
    let text = plant(&project, &inventory, slot, Some(base), b"boom").unwrap();
    assert!(VersionFile::new(slot, "thorn", Path::new("t.rs"), text.clone()).fit.is_ok());
    fs::write(tally.root.join("variants/thorn/src/count/on_update.rs"), text).unwrap();
    let (project, inventory) = tally.read();
    let mut replica = ReplicaPlan::of_family(1, "heron");
    replica.slots.insert("count.on_update".to_owned(), "thorn".to_owned());
    let target = Target { name: "planted".to_owned(), replica };
    let output = tally.root.join("out");
    let built =
        unwatched(|watch| build(&project, &inventory, Kind::Replica, &[target], &output, watch))
            .unwrap();
    let run = |argument: &str| Command::new(&built[0].path).arg(argument).output().unwrap();
    assert!(run("boo").status.success());
    let failed = run("aboomb");
    assert!(!failed.status.success());
    let said = String::from_utf8_lossy(&failed.stderr).into_owned();
    assert!(said.contains("src/versions/thorn/count/on_update.rs:10:"), "{said}");
}

#[test]
fn a_slot_that_carries_no_update_cannot_be_planted() {
    let tally = Tally::new();
    tally.edit("Cargo.toml", "\"Update\" =", "\"Nothing\" =");
    tally.edit("reference/tally/src/check/judge.rs", "&Update)", "&wire::Nothing)");
    tally.edit("Cargo.toml", "{value}.payload", "{value}.0");
    let (project, inventory) = tally.read();
    let slot = inventory.slot("count.weigh").unwrap();
    let error = plant(&project, &inventory, slot, None, b"x").unwrap_err().to_string();
    assert_eq!(
        error,
        "nothing can be planted in `count.weigh`: no parameter carries an update; these slots have \
         one: check.judge"
    );
    assert_eq!(plantable(&project, &inventory), ["check.judge"]);
}

#[test]
fn a_planted_family_needs_an_override_in_a_plan() {
    let (_, inventory) = Tally::new().read();
    let text = "format = 1\ntolerate = 0\n[[replica]]\nid = 1\nfamily = \"thorn\"\n";
    let plan = parse_plan(Path::new("p.toml"), text).unwrap();
    let error = check_plan(&inventory, &plan).unwrap_err().to_string();
    assert!(error.starts_with("p.toml:5: the version `thorn/count.weigh` may not vote"), "{error}");
}

#[test]
fn renaming_is_no_difference_and_another_algorithm_is() {
    let (_, inventory) = Tally::new().read();
    let slot = "count.on_update".parse().unwrap();
    let reference = &inventory.texts[&slot];
    let renamed = reference
        .replace("weight", "mass")
        .replace("fn add(", "fn plus(")
        .replace(" add(state", " plus(state");
    assert!((similarity(reference, &renamed) - 1.0).abs() < f64::EPSILON);
    let heron = &inventory.families["heron"].versions[&slot].text;
    let ratio = similarity(reference, heron);
    assert!((0.2..0.6).contains(&ratio), "{ratio}");
    assert!((similarity(heron, reference) - ratio).abs() < 0.1, "nearly symmetric");
}

#[test]
fn a_copy_counts_for_nobody_as_written_anew() {
    let tally = Tally::new();
    let (project, inventory) = tally.read();
    let counted = census(&project, &inventory, &|version| version.family != "rook").unwrap();
    assert_eq!((counted.slots.len(), counted.families.len()), (3, 4));
    let versions = &counted.slots[2].versions;
    assert_eq!(versions.as_slice(), ["crane", "heron", "ibis", "rook", "thorn"]);
    assert_eq!(counted.slots[0].size, "function");
    assert_eq!(counted.families["rook"].slots, 0);
    let before = &counted.families["ibis"];
    assert!(before.reimplemented_percent > 20.0);
    assert!(counted.slotted_lines < counted.protocol_lines);

    let text = &inventory.families["ibis"].versions[&"count.weigh".parse().unwrap()].text;
    let renamed = text.replace("weigh_bytes", "sum").replace("last", "tail");
    fs::write(tally.root.join("variants/crane/src/count/weigh.rs"), renamed).unwrap();
    let (project, inventory) = tally.read();
    let after = census(&project, &inventory, &|_| true).unwrap();
    let lines = counted.slots[2].lines;
    let ibis = &after.families["ibis"];
    assert_eq!(ibis.reimplemented_lines, before.reimplemented_lines - lines);
    assert_eq!((ibis.slots, ibis.accepted), (before.slots - 1, before.accepted));
    assert!((ibis.most_alike_percent["count.weigh"] - 100.0).abs() < f64::EPSILON);
}
