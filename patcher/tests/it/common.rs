//! What the tests share: a copy of a miniature project, and a watch that sees nothing.

use patcher::{Inventory, Plan, Progress, Project, Request, Watch, make_plan};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use tempfile::TempDir;

/// A copy of `testdata/tally` that is removed when it goes out of scope.
pub(crate) struct Tally {
    _folder: TempDir,
    /// Where the project is.
    pub(crate) root: PathBuf,
}

impl Tally {
    /// A fresh copy, `below` a temporary folder.
    pub(crate) fn copy_to(below: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().canonicalize().expect("a folder").join(below);
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/tally"), &root);
        Self { _folder: folder, root }
    }

    /// A fresh copy.
    pub(crate) fn new() -> Self {
        Self::copy_to("tally")
    }

    /// The project and all that is in it, with the miniature that must outlive both.
    pub(crate) fn into_read(self) -> (Project, Inventory, Self) {
        let (project, inventory) = self.read();
        (project, inventory, self)
    }

    /// The project and all that is in it.
    pub(crate) fn read(&self) -> (Project, Inventory) {
        let project = Project::open(&self.root).expect("a project");
        let inventory = Inventory::read(&project).expect("an inventory");
        (project, inventory)
    }

    /// Changes one file's text.
    pub(crate) fn edit(&self, file: &str, old: &str, new: &str) {
        let path = self.root.join(file);
        let text = fs::read_to_string(&path).expect("a file of the miniature");
        assert!(text.contains(old), "{file} has no `{old}`");
        fs::write(path, text.replace(old, new)).expect("a writable file");
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a new folder");
    for entry in fs::read_dir(from).expect("testdata") {
        let entry = entry.expect("an entry");
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() && entry.file_name() != "target" {
            copy(&path, &target);
        } else if path.is_file() {
            fs::copy(&path, &target).expect("a copied file");
        }
    }
}

/// Four replicas of four families, bounded in the component that all of them have.
pub(crate) fn four(inventory: &Inventory) -> Plan {
    let components = vec!["count".to_owned()];
    let request = Request { replicas: 4, components, seed: 1, ..Request::default() };
    make_plan(inventory, &request).expect("a plan")
}

/// Calls with a watch that sees nothing and never cancels.
pub(crate) fn unwatched<T>(call: impl FnOnce(&Watch<'_>) -> T) -> T {
    let cancel = AtomicBool::new(false);
    call(&Watch { progress: &|_: Progress| {}, cancel: &cancel })
}

/// Compares a text with a file below `tests/golden`; `UPDATE_GOLDEN=1` writes it instead.
pub(crate) fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, text).expect("a writable golden file");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, expected, "{} differs: see UPDATE_GOLDEN in tests/common", path.display());
}
