//! Keeping `target/patchy` from growing without end.

use crate::error::{Error, Result};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// How many generated crates keep their intermediate files.
const CRATES: usize = 64;

/// How many finished artefacts are kept.
const ARTEFACTS: usize = 64;

/// Notes that a file or folder is in use.
pub(crate) fn touch(path: &Path) {
    // Losing the note costs a build at worst.
    if let Ok(file) = File::open(path) {
        let _ = file.set_modified(SystemTime::now());
    }
}

/// Removes what was not used for longest, beyond a fixed number of crates and artefacts; the
/// `needed` crates used last stay in any case. To be called by whoever holds the lock on the
/// generated folder.
pub(crate) fn prune(generated: &Path, needed: usize) -> Result<()> {
    for (artefact, _) in
        by_age(&generated.join("cache"), newest_within)?.split_off_oldest(ARTEFACTS)
    {
        fs::remove_dir_all(&artefact).map_err(Error::io(&artefact))?;
    }
    let crates =
        by_age(&generated.join("ws/compositions"), modified)?.split_off_oldest(CRATES.max(needed));
    if crates.is_empty() {
        return Ok(());
    }
    let names: BTreeSet<String> = crates
        .iter()
        .filter_map(|(folder, _)| Some(folder.file_name()?.to_string_lossy().replace('-', "_")))
        .collect();
    for profile in folders(&generated.join("build"))? {
        for place in ["deps", ".fingerprint", "build", ""] {
            remove_outputs(&profile.join(place), &names)?;
        }
    }
    for (folder, _) in crates {
        fs::remove_dir_all(&folder).map_err(Error::io(&folder))?;
    }
    Ok(())
}

/// Entries with their ages, the newest first.
struct ByAge(Vec<(PathBuf, SystemTime)>);

impl ByAge {
    fn split_off_oldest(mut self, kept: usize) -> Vec<(PathBuf, SystemTime)> {
        self.0.split_off(kept.min(self.0.len()))
    }
}

fn by_age(parent: &Path, age: fn(&Path) -> SystemTime) -> Result<ByAge> {
    let mut found: Vec<(PathBuf, SystemTime)> =
        folders(parent)?.into_iter().map(|path| (path.clone(), age(&path))).collect();
    found.sort_by_key(|(_, age)| std::cmp::Reverse(*age));
    Ok(ByAge(found))
}

fn modified(path: &Path) -> SystemTime {
    fs::metadata(path).and_then(|data| data.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
}

/// When the newest file right in a folder was changed.
fn newest_within(folder: &Path) -> SystemTime {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files.map(|file| modified(&file.path())).max().unwrap_or_else(|| modified(folder))
}

fn folders(parent: &Path) -> Result<Vec<PathBuf>> {
    if !parent.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(parent).map_err(Error::io(parent))?;
    Ok(entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect())
}

/// Removes what cargo made of some crates: `name`, `libname`, and either with a hash behind it.
fn remove_outputs(place: &Path, names: &BTreeSet<String>) -> Result<()> {
    if !place.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(place).map_err(Error::io(place))?.flatten() {
        let file = entry.file_name().to_string_lossy().replace('-', "_");
        let file = file.strip_prefix("lib").unwrap_or(&file);
        let of = |name: &String| {
            let rest = file.strip_prefix(name.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['_', '.']))
        };
        if names.iter().any(of) {
            let path = entry.path();
            let removed =
                if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.map_err(Error::io(&path))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{ARTEFACTS, CRATES, prune, touch};
    use std::fs;
    use std::time::{Duration, SystemTime};

    #[test]
    fn what_was_used_last_stays_and_the_rest_goes_with_its_outputs() {
        let folder = tempfile::tempdir().unwrap();
        let generated = folder.path();
        let deps = generated.join("build/release/deps");
        fs::create_dir_all(&deps).unwrap();
        let count = CRATES.max(ARTEFACTS) + 3;
        for index in 0..count {
            let name = format!("runner-{index:04}");
            let crate_folder = generated.join("ws/compositions").join(&name);
            fs::create_dir_all(&crate_folder).unwrap();
            let artefact = generated.join(format!("cache/{index:04}"));
            fs::create_dir_all(&artefact).unwrap();
            fs::write(artefact.join("runner"), "").unwrap();
            fs::write(deps.join(format!("runner_{index:04}-abc.d")), "").unwrap();
            fs::write(deps.join(format!("librunner_{index:04}-abc.rlib")), "").unwrap();
            for path in [crate_folder, artefact.join("runner")] {
                let old = SystemTime::now() - Duration::from_secs(1000 - index as u64);
                fs::File::open(path).unwrap().set_modified(old).unwrap();
            }
        }
        fs::write(deps.join("libwire-abc.rlib"), "").unwrap();
        // The oldest is in use again.
        touch(&generated.join("ws/compositions/runner-0000"));
        touch(&generated.join("cache/0000/runner"));
        prune(generated, 0).unwrap();

        let left = |path: &str| fs::read_dir(generated.join(path)).unwrap().count();
        assert_eq!((left("ws/compositions"), left("cache")), (CRATES, ARTEFACTS));
        assert_eq!(left("build/release/deps"), 2 * CRATES + 1);
        assert!(generated.join("cache/0000").exists() && !generated.join("cache/0001").exists());
        assert!(deps.join("runner_0000-abc.d").exists());
        assert!(!deps.join("runner_0001-abc.d").exists());
    }
}
