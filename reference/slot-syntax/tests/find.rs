//! Slots are found with exact byte ranges, and mistakes are reported all at once.

use slot_syntax::find::slots_of_file;
use slot_syntax::{Error, Mistake, Shape, SlotPath, find_slots};
use std::fs;
use std::path::Path;

const TEXT: &str = r#"//! Größe in Bytes, not characters: ä ö ü.

use crate::State;
use slots::slot;

/// Counts `ß` up.
///
/// Rejects: nothing.
#[slot(count.on_tick)]
#[inline]
pub fn on_tick(
    state: &mut State,
    by: u64, // é
) -> u64 {
    state.total += by;
    state.total
}

fn helper() {}
"#;

#[test]
fn a_slot_is_found_with_exact_places() {
    let slots = slots_of_file(Path::new("count/on_tick.rs"), TEXT).unwrap();
    let [slot] = slots.as_slice() else { panic!("{slots:?}") };
    assert_eq!(slot.path, SlotPath::new("count", "on_tick"));
    assert_eq!(slot.shape, Shape::Handler);
    assert_eq!(slot.contract, "Counts `ß` up.\n\nRejects: nothing.");
    assert_eq!(slot.signature, "fn on_tick(&mut State, u64) -> u64");
    assert_eq!(slot.lines, (6, 17));
    let item = &TEXT[slot.bytes.clone()];
    assert!(item.starts_with("/// Counts `ß` up.\n"), "{item}");
    assert!(item.ends_with("    state.total\n}"), "{item}");
    assert_eq!(&TEXT[slot.body.clone()], "\n    state.total += by;\n    state.total\n");
    assert!(slot.written_signature.starts_with("pub fn on_tick(\n"));
    assert!(slot.written_signature.ends_with(") -> u64"));
}

#[test]
fn the_fingerprint_follows_contract_and_signature_but_not_the_body() {
    let print = |text: &str| slots_of_file(Path::new("a.rs"), text).unwrap().remove(0).fingerprint;
    let original = print(TEXT);
    assert_eq!(original.len(), 64);
    assert_eq!(original, print(&TEXT.replace("state.total += by;", "state.total -= by;")));
    assert_eq!(original, print(&TEXT.replace("by: u64", "step: u64")));
    assert_ne!(original, print(&TEXT.replace("Rejects: nothing.", "Rejects: zero.")));
    assert_ne!(original, print(&TEXT.replace("by: u64", "by: u32")));
}

#[test]
fn a_doc_comment_below_the_attribute_belongs_to_the_slot() {
    let text = "#[slots::slot(a.b)]\n/// Does it.\npub fn b(x: u8) -> u8 { x }\n";
    let slot = slots_of_file(Path::new("b.rs"), text).unwrap().remove(0);
    assert_eq!((slot.contract.as_str(), slot.bytes.start), ("Does it.", 0));
}

#[test]
fn all_mistakes_of_a_file_are_reported_with_their_lines() {
    let text = "#[slot(a)]\npub fn a() {}\n\n#[slot(a.b)]\nfn c() {}\n\n\
        struct S;\nimpl S {\n    #[slot(a.d)]\n    pub fn d(&self) {}\n}\n";
    let errors = slots_of_file(Path::new("a.rs"), text).unwrap_err();
    let found: Vec<(usize, &Mistake)> = errors
        .0
        .iter()
        .map(|error| match error {
            Error::Form { line, mistake, .. } => (*line, mistake),
            other => panic!("{other}"),
        })
        .collect();
    let differs = Mistake::NameDiffers { slot: "b".into(), function: "c".into() };
    assert_eq!(
        found,
        [
            (1, &Mistake::AttributeForm),
            (5, &Mistake::NotPublic),
            (5, &differs),
            (5, &Mistake::NoContract),
            (9, &Mistake::Method),
        ]
    );
}

#[test]
fn a_folder_is_searched_in_order_and_a_second_slot_of_one_name_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let slot = |name: &str| format!("/// Does it.\n#[slot(a.{name})]\npub fn {name}() {{}}\n");
    fs::create_dir(folder.path().join("a")).unwrap();
    fs::write(folder.path().join("a/z.rs"), slot("z")).unwrap();
    fs::write(folder.path().join("a/b.rs"), slot("b")).unwrap();
    fs::write(folder.path().join("lib.rs"), "mod a;\n").unwrap();
    let slots = find_slots(folder.path()).unwrap();
    let names: Vec<String> = slots.iter().map(|slot| slot.path.to_string()).collect();
    assert_eq!(names, ["a.b", "a.z"]);
    assert_eq!(slots[0].file, Path::new("a/b.rs"));

    fs::write(folder.path().join("c.rs"), slot("z")).unwrap();
    fs::write(folder.path().join("d.rs"), "#[slot(a.y)]\npub fn").unwrap();
    let message = find_slots(folder.path()).unwrap_err().to_string();
    assert!(message.contains("c.rs:1: the slot `a.z` is already at "), "{message}");
    assert!(message.contains("d.rs:2: this is not valid Rust"), "{message}");
}
