//! The bench's table of slots against the reference: what is marked there, and what the contracts
//! list.

use slot_syntax::{Slot, find_slots};
use std::collections::BTreeSet;
use std::path::Path;

/// All slots of the reference.
fn marked() -> Vec<Slot> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reference/prime/src");
    find_slots(&source).expect("the reference has slots")
}

#[test]
fn every_slot_has_an_adapter_and_is_announced() {
    let marked: BTreeSet<String> = marked().iter().map(|slot| slot.path.to_string()).collect();
    let adapters: BTreeSet<String> = bench::slots().into_iter().map(String::from).collect();
    let announced = verdict::BENCHED
        .iter()
        .flat_map(|(component, slots)| slots.iter().map(move |slot| format!("{component}.{slot}")));
    assert!(marked.len() > 160, "{}", marked.len());
    assert_eq!(adapters, marked);
    assert_eq!(announced.collect::<BTreeSet<_>>(), marked);
}

/// The reasons that a contract lists: each is named after "Rejects:", or is one of those that a
/// state's `outside` gives.
fn listed(contract: &str) -> BTreeSet<&str> {
    let mut reasons = BTreeSet::new();
    for rest in contract.split("Rejects:").skip(1).map(str::trim_start) {
        if rest.starts_with("what `state.outside` says") {
            reasons.extend(["Stale", "BeyondWindow"]);
        } else if let Some(reason) = rest.strip_prefix('`').and_then(|rest| rest.split('`').next())
        {
            reasons.insert(reason);
        }
    }
    reasons
}

#[test]
fn every_reason_that_a_contract_lists_must_be_reached() {
    let marked = marked();
    for (slot, reasons) in bench::reasons() {
        let contract = marked.iter().find(|marked| marked.path.to_string() == slot).unwrap();
        let reasons: BTreeSet<&str> = reasons.iter().map(String::as_str).collect();
        assert_eq!(reasons, listed(&contract.contract), "{slot}");
    }
}
