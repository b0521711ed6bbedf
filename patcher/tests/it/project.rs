//! Finding a project and reading what is in it.

use crate::common::Tally;
use patcher::{Inventory, Project, Specification, check_family, read_lineage};
use std::fs;
use std::path::Path;

#[test]
fn a_project_is_found_upwards_and_by_its_root_alone() {
    let tally = Tally::new();
    let deep = tally.root.join("reference/tally/src/count");
    assert_eq!(Project::find(&deep).unwrap().root, tally.root);
    assert_eq!(Project::open(&tally.root).unwrap().root, tally.root);
    let error = Project::open(&deep).unwrap_err().to_string();
    assert!(error.contains("is in no project: no Cargo.toml with"), "{error}");
}

#[test]
fn outside_a_project_the_error_says_what_to_change() {
    let folder = tempfile::tempdir().unwrap();
    let error = Project::find(folder.path()).unwrap_err().to_string();
    let expected = format!(
        "{} is in no project: no Cargo.toml with `[workspace.metadata.patchy]` stands here or \
         above; change the folder or name the project's",
        folder.path().canonicalize().unwrap().display()
    );
    assert_eq!(error, expected);
}

#[test]
fn a_damaged_table_is_reported_with_its_line() {
    let tally = Tally::new();
    tally.edit("Cargo.toml", "machine = \"Replica\"", "machines = \"Replica\"");
    let error = Project::open(&tally.root).unwrap_err().to_string();
    assert!(
        error.contains("Cargo.toml:16: `[workspace.metadata.patchy]`: unknown field"),
        "{error}"
    );

    tally.edit("Cargo.toml", "resolver = \"3\"", "resolver = ");
    let error = Project::open(&tally.root).unwrap_err().to_string();
    assert!(error.contains("Cargo.toml:2: "), "{error}");
}

#[test]
fn slots_families_and_versions_are_read() {
    let (_, inventory) = Tally::new().read();
    let slots: Vec<String> = inventory.slots.keys().map(ToString::to_string).collect();
    assert_eq!(slots, ["check.judge", "count.on_update", "count.weigh"]);
    let families: Vec<(&str, usize)> = inventory
        .families
        .iter()
        .map(|(name, family)| (name.as_str(), family.versions.len()))
        .collect();
    assert_eq!(families, [("crane", 2), ("heron", 3), ("ibis", 3), ("rook", 2), ("thorn", 1)]);
    assert_eq!(inventory.families["ibis"].lineage.specification, Specification::Paper);
    assert!(inventory.families["thorn"].lineage.planted);
    assert!(!inventory.families["rook"].lineage.votable);
}

#[test]
fn a_file_that_belongs_to_no_slot_is_a_stray_and_one_that_does_not_fit_keeps_its_errors() {
    let (_, inventory) = Tally::new().read();
    let strays = &inventory.families["crane"].strays;
    assert_eq!(strays.as_slice(), [Path::new("variants/crane/src/count/notes.rs")]);
    let unfit: Vec<String> = inventory
        .versions()
        .filter_map(|version| version.fit.as_ref().err())
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        unfit,
        ["variants/rook/src/count/weigh.rs:6: the signature does not fit the slot `count.weigh`: \
          change `fn weigh(&Update) -> u32` to `fn weigh(&Update) -> u64`"]
    );
}

#[test]
fn unknown_names_come_with_the_nearest_known() {
    let (project, inventory) = Tally::new().read();
    let error = inventory.slot("count.wiegh").unwrap_err().to_string();
    assert_eq!(
        error,
        "no slot and no component is called `count.wiegh`: did you mean `count.weigh`?"
    );
    let error = inventory.family("hron").unwrap_err().to_string();
    assert_eq!(error, "no family is called `hron`: did you mean `heron`?");
    let error = inventory.version(&project, "crane", "check.judge").unwrap_err().to_string();
    assert_eq!(
        error,
        "the family `crane` has no version of `check.judge`: write \
         variants/crane/src/check/judge.rs"
    );
    assert_eq!(inventory.slots_named("count").unwrap().len(), 2);
}

#[test]
fn a_damaged_family_file_is_an_error_with_its_line() {
    let tally = Tally::new();
    let file = tally.root.join("variants/crane/family.toml");
    tally.edit("variants/crane/family.toml", "\"invariants\"", "\"guessing\"");
    let error = read_lineage(&file).unwrap_err().to_string();
    assert!(error.contains("variants/crane/family.toml:4: unknown variant `guessing`"), "{error}");

    tally.edit("variants/crane/family.toml", "\"guessing\"", "\"paper\"");
    tally.edit("variants/crane/family.toml", "name = \"crane\"", "name = \"stork\"");
    let error = read_lineage(&file).unwrap_err().to_string();
    assert!(error.contains("the family `stork` stands in the folder `crane`"), "{error}");

    let taken = ["reference", "candidate", "std", "core", "alloc", "match", "async", "gen", "try"];
    for name in ["Upper", "with-dash"].into_iter().chain(taken) {
        let folder = tally.root.join("variants").join(name);
        fs::create_dir(&folder).unwrap();
        let text = fs::read_to_string(&file).unwrap().replace("stork", name);
        fs::write(folder.join("family.toml"), text).unwrap();
        let error = read_lineage(&folder.join("family.toml")).unwrap_err().to_string();
        assert!(error.contains("cannot name a family"), "{error}");
    }
}

#[test]
fn a_family_is_called_as_no_other_crate_of_the_project() {
    let tally = Tally::new();
    tally.edit(
        "Cargo.toml",
        "[workspace.dependencies]\n",
        "[workspace.dependencies]\nto-go = \"1\"\n",
    );
    let project = Project::open(&tally.root).unwrap();
    for name in ["heron", "wren", "union"] {
        assert_eq!(check_family(&project, name), Ok(()));
    }
    for name in ["tally", "wire", "host", "to_go"] {
        let expected = format!(
            "`{name}` cannot name a family: another crate of the project is called so; take another \
             name"
        );
        assert_eq!(check_family(&project, name), Err(expected.clone()));
        let folder = tally.root.join("variants").join(name);
        fs::create_dir(&folder).unwrap();
        let text = fs::read_to_string(tally.root.join("variants/crane/family.toml")).unwrap();
        fs::write(folder.join("family.toml"), text.replace("crane", name)).unwrap();
        let error = Inventory::read(&project).unwrap_err().to_string();
        assert!(error.ends_with(&format!("variants/{name}/family.toml:1: {expected}")), "{error}");
        fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn a_damaged_slot_stops_the_inventory_with_its_place() {
    let tally = Tally::new();
    tally.edit("reference/tally/src/count/weigh.rs", "pub fn weigh", "fn weigh");
    let project = Project::open(&tally.root).unwrap();
    let error = Inventory::read(&project).unwrap_err().to_string();
    assert!(
        error.ends_with(
            "count/weigh.rs:10: a slot must be `pub`, so that versions can call it: write `pub fn`"
        ),
        "{error}"
    );
}
