//! Lineages: components may have one of their own.

use crate::common::Tally;
use patcher::{Inventory, Lineage, Project, Specification, read_lineage};
use std::fs;

fn with(entry: &str) -> (Tally, Result<Lineage, String>) {
    let tally = Tally::new();
    let file = tally.root.join("variants/crane/family.toml");
    let text = fs::read_to_string(&file).expect("a lineage") + entry;
    fs::write(&file, text).expect("a writable file");
    let lineage = read_lineage(&file).map_err(|error| error.to_string());
    (tally, lineage)
}

#[test]
fn a_component_may_differ_from_its_family_in_part() {
    let (tally, lineage) = with(
        "[[component]]\nnames = [\"count\"]\nspecification = \"paper\"\nseen = [\"the report\"]\n",
    );
    let lineage = lineage.unwrap();
    let count = lineage.of("count");
    assert_eq!(count.specification, Specification::Paper);
    assert_eq!(count.seen, ["the report"]);
    assert_eq!((&count.author, &count.mandate), (&lineage.author, &lineage.mandate));
    assert!(count.components.is_empty());
    let check = lineage.of("check");
    assert_eq!((check.specification, &check.seen), (lineage.specification, &lineage.seen));
    let again: Lineage = toml::from_str(&toml::to_string(&lineage).unwrap()).unwrap();
    assert_eq!(again, lineage);
    assert_eq!(tally.read().1.families["crane"].lineage, lineage);
}

#[test]
fn a_component_is_named_once_and_is_there() {
    let twice = "[[component]]\nnames = [\"count\"]\n[[component]]\nnames = [\"count\"]\n";
    let error = with(twice).1.unwrap_err();
    assert!(error.contains("family.toml:1: the component `count` is named twice"), "{error}");
    let error = with("[[component]]\nnames = []\n").1.unwrap_err();
    assert!(error.contains("names none"), "{error}");
    let (tally, _) = with("[[component]]\nnames = [\"cuont\"]\n");
    let project = Project::open(&tally.root).unwrap();
    let error = Inventory::read(&project).unwrap_err().to_string();
    assert!(error.contains("no component is called `cuont`"), "{error}");
}
