//! The compiler within limits, for code that is not trusted.
//!
//! Nothing of such code runs while it is compiled: it has neither build script nor procedural
//! macro. But it may name files to be read into the program, and may keep the compiler busy.

use super::{Forgiven, Limits};
use crate::exit::{Failure, Result};
use patcher::Project;
use std::ffi::{OsStr, OsString};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Memory for compiling a version. Unit: bytes.
const MEMORY: u64 = 6 << 30;

/// Memory and processor time for everything else that a build takes, which is ours and may be much.
/// Unit: bytes, and seconds.
const OURS: (u64, u64) = (16 << 30, 10 * 3600);

/// A program that puts each command of the compiler under limits: it reads the toolchain, crates
/// of registries and what is generated for builds, and writes what it builds; where it compiles
/// versions, it has so much processor time. Unit: seconds.
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
    let path = generated.join("confined-rustc");
    write(&path, &script(&tool, &temporary, &limits))?;
    Ok(path)
}

/// The program: versions are in crates called `runner-...` alone, see [`patcher::build_runner`].
fn script(tool: &Path, temporary: &Path, limits: &Limits) -> String {
    let command = |limits: &Limits| {
        let words: Vec<String> = limits.words().iter().map(|word| quoted(word)).collect();
        format!("exec {} {} -- \"$@\"", quoted(tool.as_os_str()), words.join(" "))
    };
    let ours = Limits { memory: OURS.0, cpu: OURS.1, ..limits.clone() };
    format!(
        "#!/bin/sh\nexport TMPDIR={}\ncase \" $* \" in\n*' --crate-name runner_'*)\n    {}\n    ;;\nesac\n\
         {}\n",
        quoted(temporary.as_os_str()),
        command(limits),
        command(&ours)
    )
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

    /// The script, with `echo` for the tool.
    #[test]
    fn versions_have_less_time_than_what_they_are_compiled_with() {
        let limits = Limits { memory: 5, cpu: 7, ..Limits::default() };
        let text = script(Path::new("echo"), Path::new("/tmp"), &limits);
        let run = |name: &str| {
            let words = ["-c", &text, "wrapper", "rustc", "--crate-name", name, "x.rs"];
            let output = std::process::Command::new("/bin/sh").args(words).output().unwrap();
            String::from_utf8(output.stdout).unwrap()
        };
        let version = run("runner_12");
        assert!(version.starts_with("confined --memory 5 --cpu 7 "), "{version}");
        assert!(version.ends_with("-- rustc --crate-name runner_12 x.rs\n"), "{version}");
        assert!(run("bench").starts_with("confined --memory 17179869184 --cpu 36000 "));
    }

    #[test]
    fn words_mean_themselves_to_the_shell() {
        assert_eq!(quoted(OsStr::new("a b")), "'a b'");
        assert_eq!(quoted(OsStr::new("it's")), r"'it'\''s'");
    }
}
