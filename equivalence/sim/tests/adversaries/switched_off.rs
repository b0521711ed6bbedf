//! Prime with one defence taken out of its source: what cannot be undone from outside of a replica.
//!
//! Each is a copy of the reference in which a few lines read otherwise, behind the boundary's interface, as
//! a replica of a mixed cluster is. Where the reference no longer has these lines the test says so.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use boundary::{Library, Loaded};
use sim::Setup;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

/// In a file of the reference: what stands there once, and what stands there instead.
pub(super) struct Edit {
    pub(super) file: &'static str,
    pub(super) from: &'static str,
    pub(super) to: &'static str,
}

/// Contradicting rows convict nobody, and excuse no leader that does not cover them.
pub(super) const CONTRADICTIONS: [Edit; 2] = [
    Edit {
        file: "pre_order/merge_row.rs",
        from: "if state.blacklist.insert(signer) {",
        to: "if false {",
    },
    Edit {
        file: "pre_order/covers.rs",
        from: "relation(given, &expected.body.vec) != Relation::Older",
        to: "matches!(relation(given, &expected.body.vec), Relation::Same | Relation::Newer)",
    },
];

/// An update that was executed is executed again whenever it is ordered again.
pub(super) const ONCE: [Edit; 1] = [Edit {
    file: "execute/apply_update.rs",
    from: "let kept = table.and_then(|table| table.replies.get(&seq)).cloned();
        let result = kept.unwrap_or(Outcome::Forgotten);",
    to: "state.index += 1;
        let (index, leaf) = (state.index, Context::from(config).leaf(client, update));
        effects.push(Effect::Executed { index, client, update: leaf });
        let answer = Blob::new(service.execute(client, &update.payload));
        let result = Outcome::Done(answer.expect(\"a service answers shortly\"));",
}];

/// Copies `from` with all below it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A package of its own beside the workspace, with the workspace's versions of everything.
fn manifest(root: &Path, name: &str) -> String {
    let workspace: String = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    // From the versions that all crates share to the next table.
    let shared = workspace.split_once("[workspace.dependencies]").unwrap().1;
    let line = |dependency: &str| {
        let of = |line: &&str| line.starts_with(&format!("{dependency} ="));
        let line = shared.lines().find(of).unwrap_or_else(|| panic!("no {dependency}"));
        line.replace("path = \"", &format!("path = \"{}/", root.display()))
    };
    let dependencies = ["borsh", "boundary", "reed-solomon-erasure", "slots", "wire"].map(line);
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\n\n\
         [lib]\ncrate-type = [\"cdylib\"]\n\n[workspace]\n\n[features]\ntaps = []\n\n\
         [dependencies]\n{}\n\n[profile.dev]\nopt-level = 1\n\n\
         [profile.dev.package.\"*\"]\nopt-level = 2\n",
        dependencies.join("\n")
    )
}

/// Builds the reference with `edits` and gives the library's path.
fn build(name: &str, edits: &[Edit]) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let source = folder.join("src");
    let _ = fs::remove_dir_all(&source);
    copy(&root.join("reference/prime/src"), &source);
    for edit in edits {
        let file = source.join(edit.file);
        let text = fs::read_to_string(&file).unwrap();
        let times = text.matches(edit.from).count();
        assert_eq!(times, 1, "{} has this {times} times, not once: {}", edit.file, edit.from);
        fs::write(&file, text.replace(edit.from, edit.to)).unwrap();
    }
    let library = fs::read_to_string(source.join("lib.rs")).unwrap();
    let export = "boundary::export!(Replica, \"the reference without a defence\");";
    fs::write(source.join("lib.rs"), format!("{library}\n{export}\n")).unwrap();
    fs::write(folder.join("Cargo.toml"), manifest(root, name)).unwrap();
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let test = std::env::current_exe().unwrap();
    let target = test.ancestors().nth(3).unwrap();
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--offline", "--target-dir"])
        .arg(target)
        .current_dir(&folder)
        .status();
    assert!(built.unwrap().success(), "{name} does not compile");
    target.join("debug").join(format!("{DLL_PREFIX}{}{DLL_SUFFIX}", name.replace('-', "_")))
}

/// A cluster of the reference with `edits`.
pub(super) fn without(name: &str, edits: &[Edit]) -> Setup<Loaded> {
    let library: Arc<Library> = Library::open(&build(name, edits)).unwrap();
    sim::kv_setup(move |config, me| Loaded::create(&library, config, me))
}
