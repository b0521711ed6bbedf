//! The inputs that searches came to, in `equivalence/corpus/<component.slot>/<hash>.json`.

use crate::exit::{Failure, Result};
use crate::output::Output;
use crate::rulings::entries;
use patcher::{Inventory, Project, sha256};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use verdict::KeptInput;

/// Where they stand, relative to the project.
pub(crate) const FOLDER: &str = "equivalence/corpus";

/// Where those of one slot stand, relative to the project.
pub(crate) fn folder(slot: &str) -> PathBuf {
    Path::new(FOLDER).join(slot)
}

/// Reads all of them, slot by slot.
pub(crate) fn read(project: &Project, inventory: &Inventory) -> Result<Vec<KeptInput>> {
    let mut all = Vec::new();
    for slot in inventory.slots.keys().map(ToString::to_string) {
        for path in entries(&project.root.join(folder(&slot)))? {
            let file = path.strip_prefix(&project.root).unwrap_or(&path);
            let text = match fs::read_to_string(&path) {
                // A search has just put others in its place.
                Err(error) if error.kind() == ErrorKind::NotFound && !path.is_symlink() => continue,
                read => read.map_err(Failure::file(file))?,
            };
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

/// Makes `inputs` the corpus of a slot, in place of those that a search began with, by their names. What
/// another search kept meanwhile is left to the next one.
pub(crate) fn replace(
    project: &Project,
    slot: &str,
    inputs: &[Value],
    begun_with: &BTreeSet<&str>,
) -> Result<()> {
    let folder = folder(slot);
    let mut now = BTreeSet::new();
    if !inputs.is_empty() {
        let folder = project.root.join(&folder);
        fs::create_dir_all(&folder).map_err(Failure::file(&folder))?;
    }
    for input in inputs {
        let text = input.to_string();
        let hash = sha256(text.as_bytes());
        let file = folder.join(format!("{}.json", hash.get(..16).unwrap_or(&hash)));
        let path = project.root.join(&file);
        if !path.is_file() {
            Output::open(&path, "--project")?.write(&format!("{text}\n"))?;
        }
        now.insert(file.to_string_lossy().into_owned());
    }
    let within = |name: &&&str| Path::new(name).parent() == Some(&folder);
    for old in begun_with.iter().filter(|old| !now.contains(**old)).filter(within) {
        let path = project.root.join(old);
        match fs::remove_file(&path) {
            // Another search was done with it, too.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            removed => removed.map_err(Failure::file(&path))?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_search_takes_away_only_what_it_began_with() {
        let root = tempfile::tempdir().unwrap();
        let manifest = "[workspace]\n[workspace.metadata.patchy]\nprotocol = \"p\"\n";
        fs::write(root.path().join("Cargo.toml"), manifest).unwrap();
        let project = Project::open(root.path()).unwrap();
        let slot = "pre_order.covers";
        let names = || -> Vec<String> {
            let name = |path: PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
            let paths = entries(&root.path().join(folder(slot))).unwrap();
            paths.into_iter().map(name).collect()
        };
        replace(&project, slot, &[json!(1), json!(2)], &BTreeSet::new()).unwrap();
        let begun: Vec<String> =
            names().iter().map(|name| format!("equivalence/corpus/{slot}/{name}")).collect();
        let begun: BTreeSet<&str> = begun.iter().map(String::as_str).collect();
        // Another search began with nothing, and keeps what it found; a third began with what is there.
        replace(&project, slot, &[json!(3)], &BTreeSet::new()).unwrap();
        assert_eq!(names().len(), 3);
        replace(&project, slot, &[json!(2), json!(4)], &begun).unwrap();
        let left: Vec<String> = names()
            .iter()
            .map(|name| fs::read_to_string(root.path().join(folder(slot)).join(name)).unwrap())
            .collect();
        assert_eq!(BTreeSet::from_iter(left), ["2\n", "3\n", "4\n"].map(String::from).into());
        // Done twice, and with a name of elsewhere, it is the same.
        let more = [&begun.iter().copied().collect::<Vec<_>>()[..], &["Cargo.toml"]].concat();
        replace(&project, slot, &[json!(2), json!(4)], &more.into_iter().collect()).unwrap();
        assert!(names().len() == 3 && root.path().join("Cargo.toml").is_file());
    }
}
