//! The bench's table of slots against the reference: what is marked there, and what the contracts
//! list.

use bench::{Decode, PreOrder};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn folder(component: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reference/prime/src").join(component)
}

#[test]
fn every_slot_has_an_adapter_and_is_announced() {
    let marked: BTreeSet<String> = ["decode", "pre_order"]
        .into_iter()
        .flat_map(|component| fs::read_dir(folder(component)).unwrap())
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
        .flat_map(|text| {
            let marks = text.lines().filter_map(|line| line.strip_prefix("#[slot("));
            marks.map(|mark| mark.trim_end_matches(")]").to_string()).collect::<Vec<_>>()
        })
        .collect();
    let adapters: BTreeSet<String> = [Decode::SLOTS, PreOrder::SLOTS]
        .into_iter()
        .flatten()
        .map(|name| name.to_string())
        .collect();
    let announced: BTreeSet<String> =
        verdict::BENCHED.iter().map(|(component, slot)| format!("{component}.{slot}")).collect();
    assert_eq!(adapters, marked);
    assert_eq!(announced, marked);
}

#[test]
fn every_reason_that_a_contract_lists_must_be_reached() {
    for (slot, reasons) in bench::reasons() {
        let (component, name) = slot.split_once('.').unwrap();
        let text = fs::read_to_string(folder(component).join(format!("{name}.rs"))).unwrap();
        let listed: BTreeSet<&str> = text
            .lines()
            .filter(|line| line.starts_with("///"))
            .filter_map(|line| line.split_once("Rejects: `"))
            .filter_map(|(_, rest)| rest.split('`').next())
            .collect();
        let reasons: BTreeSet<&str> = reasons.iter().map(String::as_str).collect();
        assert_eq!(reasons, listed, "{slot}");
    }
}
