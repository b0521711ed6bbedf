//! What hangs on a slot is found when the slot asks for something else, and settled as far as it can be.

use crate::harness::Ended;
use crate::miniature::Miniature;
use serde_json::{Value, json};
use std::fs;

const COVERS: &str = "reference/tally/src/pre_order/covers.rs";
const HERON: &str = "variants/heron/src/pre_order/covers.rs";
const SETTLED: &str = "equivalence/settled.json";

/// A miniature in which everything is settled.
fn settled() -> Miniature {
    let miniature = Miniature::new();
    let ended = settle(&miniature);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    // What nobody knew before has no verdicts to be had again.
    assert_eq!(ended.json()["done"]["judged"], json!([]));
    miniature
}

fn list(miniature: &Miniature) -> Ended {
    miniature.run(&["migrate", "--json"])
}

fn settle(miniature: &Miniature) -> Ended {
    miniature.run(&["migrate", "--do", "--json"])
}

/// What is found of the one slot that changed: how, and what is to be done by kind and place.
fn only(ended: &Ended) -> (String, Vec<(String, String)>) {
    let said = ended.json();
    let old: Vec<&Value> =
        said["slots"].as_array().unwrap().iter().filter(|one| one["change"] != "new").collect();
    let [slot] = old.as_slice() else { panic!("{said}") };
    let found = slot["found"].as_array().unwrap().iter().map(|one| {
        let text = |name: &str| one[name].as_str().unwrap().to_owned();
        (format!("{} {}", text("kind"), text("path")), text("todo"))
    });
    let name = format!("{} {}", slot["slot"].as_str().unwrap(), slot["change"].as_str().unwrap());
    (name, found.collect())
}

fn files(miniature: &Miniature) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut folders = vec![miniature.path("")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() && entry.file_name() != "target" {
                folders.push(path);
            } else if path.is_file() {
                let text = fs::read_to_string(&path).unwrap_or_default();
                all.push((path.to_string_lossy().into_owned(), text));
            }
        }
    }
    all.sort();
    all
}

#[test]
fn where_nothing_changed_there_is_nothing_to_do() {
    let miniature = settled();
    let before = files(&miniature);
    for ended in [list(&miniature), settle(&miniature)] {
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let said = ended.json();
        assert_eq!((&said["slots"], &said["settled"]), (&json!([]), &json!(true)), "{said}");
    }
    assert_eq!(files(&miniature), before);
    // Another layout is no other contract.
    miniature.edit(COVERS, "pub fn covers(", "pub  fn covers(");
    assert_eq!(list(&miniature).code, Some(0));
}

#[test]
fn other_words_of_a_contract_void_verdicts_until_versions_are_judged_again() {
    let miniature = settled();
    assert_eq!(miniature.run(&["check", "--slot", "pre_order.covers", "--json"]).code, Some(0));
    let judged = miniature.unjudged();
    let text = fs::read_to_string(miniature.path(COVERS)).unwrap();
    let words = text.lines().find(|line| line.starts_with("/// ")).unwrap().to_owned();
    miniature.edit(COVERS, &words, &format!("{words}\n/// No bytes weigh nothing."));
    assert_eq!(miniature.unjudged(), judged + 3);

    let ended = list(&miniature);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let (name, found) = only(&ended);
    assert_eq!(name, "pre_order.covers contract");
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found.iter().all(|(_, todo)| todo == "judge"), "{found:?}");
    assert!(found.contains(&(format!("version {HERON}"), "judge".to_owned())), "{found:?}");

    let before = files(&miniature);
    let ended = settle(&miniature);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let done = &ended.json()["done"];
    assert_eq!(done["judged"].as_array().unwrap().len(), 3, "{done}");
    assert_eq!(done["dropped_verdicts"], 3, "{done}");
    assert_eq!(miniature.unjudged(), judged);
    let changed: Vec<_> =
        files(&miniature).into_iter().filter(|file| !before.contains(file)).collect();
    let names: Vec<&str> = changed.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, [miniature.path(SETTLED).to_str().unwrap()]);
    assert_eq!(list(&miniature).code, Some(0));
}

#[test]
fn a_version_that_the_new_contract_refuses_waits_for_its_author() {
    let miniature = settled();
    miniature.edit(HERON, ".sum()", ".sum::<u64>() + 1");
    let text = fs::read_to_string(miniature.path(COVERS)).unwrap();
    let words = text.lines().find(|line| line.starts_with("/// ")).unwrap().to_owned();
    miniature.edit(COVERS, &words, &format!("{words}\n/// Exactly."));
    let waits = |ended: &Ended| -> Vec<String> {
        assert_eq!(ended.code, Some(2), "{ended:?}");
        let said = ended.json();
        let waiting = said["waiting"].as_array().unwrap().iter();
        waiting.map(|one| format!("{}: {}", one["version"], one["why"])).collect()
    };
    let said = waits(&settle(&miniature));
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("heron/pre_order.covers") && said[0].contains("bytes have a sum"));
    // It waits until it is another text.
    assert_eq!(waits(&list(&miniature)), said);
    miniature.edit(HERON, ".sum::<u64>() + 1", ".sum()");
    assert_eq!(list(&miniature).code, Some(0));
}

#[test]
fn another_signature_asks_authors_and_says_what_else_was_made_for_the_old_one() {
    let miniature = settled();
    let good = "//! Weighing.\n\nuse wire::Update;\n\n/// The sum of a payload's bytes.\npub fn \
                covers(update: &Update) -> u64 {\n    update.payload.iter().fold(0, |sum, byte| sum + \
                u64::from(*byte))\n}\n";
    fs::write(miniature.path("draft.rs"), good).unwrap();
    let words = ["ingest", "pre_order.covers", "draft.rs", "--family", "wren", "--json"];
    let ended = miniature.run(&words);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let record = miniature.path("variants/wren/ledger/pre_order.covers/record.json");
    let read = || -> Value { serde_json::from_str(&fs::read_to_string(&record).unwrap()).unwrap() };
    assert_eq!(read()["attempts"][0]["fingerprint"].as_str().map(str::len), Some(64));
    let corpus = "equivalence/corpus/pre_order.covers";
    fs::create_dir_all(miniature.path(corpus)).unwrap();
    fs::write(miniature.path(corpus).join("1.json"), "{\"payload\":[1]}").unwrap();

    miniature.edit(COVERS, "-> u64 {", "-> u128 {");
    let (name, found) = only(&list(&miniature));
    assert_eq!(name, "pre_order.covers signature");
    let todo =
        |place: &str| found.iter().find(|(name, _)| name == place).map(|(_, todo)| todo.as_str());
    assert_eq!(todo(&format!("version {HERON}")), Some("write"), "{found:?}");
    assert_eq!(todo("ledger variants/wren/ledger/pre_order.covers"), Some("retire"), "{found:?}");
    assert_eq!(todo(&format!("corpus {corpus}")), Some("make"), "{found:?}");

    let ended = settle(&miniature);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let said = ended.json();
    assert_eq!(said["done"]["retired"], json!(["wren/pre_order.covers"]), "{said}");
    assert_eq!(said["waiting"].as_array().unwrap().len(), 4, "{said}");
    let retired = read()["attempts"][0]["retired"].as_str().unwrap().to_owned();
    assert!(retired.contains("another signature") && retired.contains("u128"), "{retired}");
    // What is noted is not noted twice, and who waits is not forgotten.
    let again = settle(&miniature).json();
    assert_eq!(again["done"]["retired"], json!([]), "{again}");
    assert_eq!(again["waiting"], said["waiting"]);
}

#[test]
fn a_renamed_slot_is_known_by_what_it_asks_for() {
    let miniature = settled();
    let moved = COVERS.replace("covers.rs", "weight.rs");
    fs::rename(miniature.path(COVERS), miniature.path(&moved)).unwrap();
    miniature.edit(&moved, "slot(pre_order.covers)", "slot(pre_order.weight)");
    miniature.edit(&moved, "pub fn covers(", "pub fn weight(");
    let ended = list(&miniature);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let said = ended.json();
    let slot = said["slots"].as_array().unwrap().iter().find(|one| one["change"] == "renamed");
    let slot = slot.unwrap_or_else(|| panic!("{said}"));
    assert_eq!(
        (&slot["slot"], &slot["to"]),
        (&json!("pre_order.covers"), &json!("pre_order.weight"))
    );
    let found = slot["found"].as_array().unwrap();
    let heron = found.iter().find(|one| one["path"] == HERON).unwrap();
    let command = format!("patchy ingest pre_order.weight --family heron {HERON}");
    assert_eq!(heron["command"], json!(command));
}

#[test]
fn of_a_slot_that_vanished_is_said_what_is_left_until_it_is_gone_too() {
    let miniature = settled();
    miniature.edit(COVERS, "#[slot(pre_order.covers)]\n", "");
    let (name, found) = only(&settle(&miniature));
    assert_eq!(name, "pre_order.covers gone");
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(list(&miniature).code, Some(2));
    for (place, _) in &found {
        fs::remove_file(miniature.path(place.strip_prefix("version ").unwrap())).unwrap();
    }
    settle(&miniature);
    let ended = list(&miniature);
    assert_eq!((ended.code, &ended.json()["slots"]), (Some(0), &json!([])), "{ended:?}");
}

#[test]
fn an_interrupted_run_leaves_everything_to_be_done_again() {
    let miniature = settled();
    let text = fs::read_to_string(miniature.path(COVERS)).unwrap();
    let words = text.lines().find(|line| line.starts_with("/// ")).unwrap().to_owned();
    miniature.edit(COVERS, &words, &format!("{words}\n/// In whole numbers."));
    let before = files(&miniature);
    let ended = miniature.interrupt(&["migrate", "--do", "--json"]);
    assert_eq!(ended.code, Some(130), "{ended:?}");
    assert_eq!(files(&miniature), before);
    assert_eq!(settle(&miniature).code, Some(0));
}

#[test]
fn a_damaged_file_is_named_with_the_mend() {
    let miniature = Miniature::new();
    fs::create_dir_all(miniature.path("equivalence")).unwrap();
    fs::write(miniature.path(SETTLED), "{\n\"format\": 1 }").unwrap();
    let ended = list(&miniature);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let said = ended.json()["error"].as_str().unwrap().to_owned();
    assert!(said.starts_with("equivalence/settled.json:2: missing field"), "{said}");
    assert!(said.ends_with("put it back as it was"), "{said}");
}
