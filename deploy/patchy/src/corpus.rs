//! The inputs that searches came to, in `equivalence/corpus/<component.slot>/<hash>.json`.

use crate::exit::{Failure, Result};
use crate::output::Output;
use crate::rulings::entries;
use patcher::{Inventory, Project, sha256};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use verdict::KeptInput;

/// Where those of one slot stand, relative to the project.
pub(crate) fn folder(slot: &str) -> PathBuf {
    Path::new("equivalence/corpus").join(slot)
}

/// Reads all of them, slot by slot.
pub(crate) fn read(project: &Project, inventory: &Inventory) -> Result<Vec<KeptInput>> {
    let mut all = Vec::new();
    for slot in inventory.slots.keys().map(ToString::to_string) {
        for path in entries(&project.root.join(folder(&slot)))? {
            let file = path.strip_prefix(&project.root).unwrap_or(&path);
            let text = fs::read_to_string(&path).map_err(Failure::file(file))?;
            let input = serde_json::from_str(&text).map_err(|error| {
                let (file, line) = (file.display(), error.line());
                Failure::usage(format!("{file}:{line}: this is no JSON ({error}): delete the file"))
            })?;
            all.push(KeptInput {
                name: file.to_string_lossy().into_owned(),
                slot: slot.clone(),
                input,
            });
        }
    }
    Ok(all)
}

/// Makes `inputs` the corpus of a slot.
pub(crate) fn replace(project: &Project, slot: &str, inputs: &[Value]) -> Result<()> {
    let folder = project.root.join(folder(slot));
    let before = entries(&folder)?;
    let mut now = BTreeSet::new();
    if !inputs.is_empty() {
        fs::create_dir_all(&folder).map_err(Failure::file(&folder))?;
    }
    for input in inputs {
        let text = input.to_string();
        let hash = sha256(text.as_bytes());
        let file = folder.join(format!("{}.json", hash.get(..16).unwrap_or(&hash)));
        if !before.contains(&file) {
            Output::open(&file, "--project")?.write(&format!("{text}\n"))?;
        }
        now.insert(file);
    }
    for old in before.iter().filter(|old| !now.contains(*old)) {
        fs::remove_file(old).map_err(Failure::file(old))?;
    }
    Ok(())
}
