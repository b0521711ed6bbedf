//! The folder in which an author works: it compiles, and it holds no body and no more of contracts
//! than the specification shows.

use crate::common::Tally;
use patcher::{Inventory, Project, PromptRequest, Specification, write_stub};
use std::fs;
use std::path::Path;
use std::process::Command;

const ALL: [Specification; 3] =
    [Specification::Contract, Specification::Paper, Specification::Invariants];

/// All text below a folder.
fn all_text(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            text.push_str(&all_text(&path));
        } else {
            text.push_str(&fs::read_to_string(&path).expect("text"));
        }
    }
    text
}

fn request(name: &str, from: Specification) -> PromptRequest<'_> {
    PromptRequest { name, from, mandate: Some("Use no loop."), rewrite: false, whole: false }
}

#[test]
fn a_version_compiles_against_the_stub_which_has_no_body() {
    let (project, inventory, tally) = Tally::new().into_read();
    let folder = tally.root.join("target/stub");
    let asked = request("count", Specification::Paper);
    write_stub(&project, &inventory, &asked, "wren", &folder).unwrap();
    let text = all_text(&folder);
    for body in ["checked_div", "fn add", "for byte", "Emits `Reject`", "Invariant:", "slots::"] {
        assert!(!text.contains(body), "{body}");
    }
    assert!(text.contains("/// The mean weight, 0 before the first."));
    assert!(text.contains("mandate = \"Use no loop.\""));
    let version = fs::read_to_string(tally.root.join("variants/ibis/src/count/weigh.rs")).unwrap();
    let place = folder.join("variants/wren/src/count/weigh.rs");
    assert!(fs::read_to_string(&place).unwrap().contains("pub use tally::count::weigh;"));
    fs::write(&place, version).unwrap();
    let checked = Command::new("cargo")
        .args(["check", "--offline", "--quiet", "-p", "wren"])
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", tally.root.join("target/checked"))
        .output()
        .unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));

    let error = write_stub(&project, &inventory, &asked, "wren", &folder).unwrap_err().to_string();
    assert!(error.ends_with("is not empty: name a folder that is, or that does not exist yet"));
    let error = write_stub(&project, &inventory, &asked, "Wren", &folder).unwrap_err().to_string();
    assert!(error.starts_with("`Wren` cannot name a family"), "{error}");
}

#[test]
fn the_stub_shows_of_contracts_what_the_specification_does() {
    let (project, inventory, tally) = Tally::new().into_read();
    for (from, shown, hidden) in [
        (Specification::Contract, "/// Emits `Reject` with", "Emits nothing"),
        (Specification::Paper, "/// section 3.1", "/// Emits `Reject` with"),
        (Specification::Invariants, "/// Invariant: `seen.counted`", "/// Emits `Reject` with"),
    ] {
        let folder = tally.root.join("target").join(from.to_string());
        write_stub(&project, &inventory, &request("check", from), "wren", &folder).unwrap();
        let text = all_text(&folder);
        assert!(text.contains(shown) && !text.contains(hidden), "{from}");
    }
}

/// Every line of every slot's body, and in the other modes of every contract, is looked for.
#[test]
fn no_stub_of_the_own_protocol_tells_a_body_or_a_contract() {
    let project = Project::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let inventory = Inventory::read(&project).unwrap();
    let place = tempfile::tempdir().unwrap();
    for from in ALL {
        let folder = place.path().join(from.to_string());
        let asked = request("execute", from);
        write_stub(&project, &inventory, &asked, "wren", &folder).unwrap();
        let text = all_text(&folder.join(&project.settings.protocol));
        for slot in inventory.slots.values() {
            let body = &inventory.texts[&slot.path][slot.body.clone()];
            let mut lines = body.lines().map(str::trim);
            let shown = lines.find(|line| line.len() > 30 && text.contains(line));
            assert_eq!(shown, None, "{} from {from}", slot.path);
            let told = slot.contract.lines().map(str::trim).find(|line| line.len() > 60);
            if from == Specification::Contract {
                assert!(told.is_none_or(|line| text.contains(line)), "{} {told:?}", slot.path);
            }
            if from == Specification::Paper && slot.contract.contains("Paper: none") {
                continue;
            }
            // The first paragraph is no citation, invariant or example.
            let first = slot.contract.split("\n\n").next().unwrap_or_default();
            let first = first.lines().map(str::trim).find(|line| line.len() > 60);
            if from != Specification::Contract {
                assert!(first.is_none_or(|line| !text.contains(line)), "{} {first:?}", slot.path);
            }
        }
    }
}
