//! The compiler within limits, for code that is not trusted.
//!
//! Nothing of such code runs while it is compiled: it has neither build script nor procedural
//! macro. But it may name files to be read into the program, and may keep the compiler busy.

use super::{Forgiven, Limits};
use crate::exit::{Failure, Result};
use patcher::Project;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Memory for one run of the compiler. Unit: bytes.
const MEMORY: u64 = 6 << 30;

/// A program that puts each command of the compiler under limits: it reads the toolchain, crates
/// of registries and what is generated for builds, writes what it builds, and has so much processor
/// time. Unit: seconds.
pub(crate) fn wrapper(project: &Project, cpu: u64) -> Result<PathBuf> {
    let generated = project.generated();
    let (build, temporary) = (generated.join("build"), generated.join("tmp"));
    for folder in [&build, &temporary] {
        fs::create_dir_all(folder).map_err(Failure::file(folder))?;
    }
    let limits = Limits {
        memory: MEMORY,
        cpu,
        read: readable(project),
        write: vec![build, temporary.clone()],
        required: true,
        forgive: vec![Forgiven::Network, Forgiven::Linkers],
    };
    let tool =
        env::current_exe().map_err(|error| Failure::internal(format!("where am I? {error}")))?;
    let mut text = String::from("#!/bin/sh\n");
    // Texts go into a text: this cannot fail.
    let _ = writeln!(text, "export TMPDIR={}", quoted(temporary.as_os_str()));
    let _ = write!(text, "exec {}", quoted(tool.as_os_str()));
    for word in limits.words() {
        let _ = write!(text, " {}", quoted(&word));
    }
    text.push_str(" -- \"$@\"\n");
    let path = generated.join("confined-rustc");
    write(&path, &text)?;
    Ok(path)
}

/// What the compiler reads beside what all programs do. Registries' tokens are elsewhere.
fn readable(project: &Project) -> Vec<PathBuf> {
    let home = |variable: &str, folder: &str| {
        let named = env::var_os(variable).map(PathBuf::from);
        named.or_else(|| Some(Path::new(&env::var_os("HOME")?).join(folder)))
    };
    let rustup = home("RUSTUP_HOME", ".rustup").into_iter();
    let cargo = home("CARGO_HOME", ".cargo").into_iter().flat_map(|cargo| {
        ["bin", "git/checkouts", "registry/src"].map(|folder| cargo.join(folder))
    });
    rustup.chain(cargo).chain([project.generated().join("ws")]).collect()
}

/// Replaced in one step: another run of the tool may be using it.
fn write(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let draft = path.with_extension(format!("{}.draft", std::process::id()));
    fs::write(&draft, text).map_err(Failure::file(&draft))?;
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(&draft, mode).map_err(Failure::file(&draft))?;
    fs::rename(&draft, path).map_err(Failure::file(path))
}

/// A word for the shell.
fn quoted(word: &OsStr) -> String {
    let word: OsString = word.to_owned();
    format!("'{}'", word.to_string_lossy().replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_mean_themselves_to_the_shell() {
        assert_eq!(quoted(OsStr::new("a b")), "'a b'");
        assert_eq!(quoted(OsStr::new("it's")), r"'it'\''s'");
    }
}
