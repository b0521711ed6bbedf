//! The compiler within limits, for code that is not trusted or that nobody may have judged yet.
//!
//! Nothing of such code runs while it is compiled: it has neither build script nor procedural
//! macro. But it may name files to be read into the program, and may keep the compiler busy.

use super::{Forgiven, Limits};
use crate::exit::{Failure, Result};
use patcher::{Project, counting_compiler};
use std::ffi::{OsStr, OsString};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Memory for compiling a version. Unit: bytes.
const MEMORY: u64 = 6 << 30;

/// Memory and processor time for everything else that a build takes, which is ours and may be much.
/// Unit: bytes, and seconds.
const OURS: (u64, u64) = (16 << 30, 10 * 3600);

/// What versions are compiled through: a program that puts each command of the compiler under limits.
/// It reads the toolchain, crates of registries and what is generated for builds, and writes what it builds.
///
/// Versions of the project itself, which somebody put there and nobody may have judged yet, are compiled so
/// as far as the kernel can. For one from outside, which has `cpu` seconds of processor time, the
/// kernel must be able to.
pub(crate) fn wrapper(project: &Project, cpu: Option<u64>) -> Result<PathBuf> {
    let generated = project.generated();
    let (build, temporary) = (generated.join("build"), generated.join("tmp"));
    for folder in [&build, &temporary] {
        fs::create_dir_all(folder).map_err(Failure::file(folder))?;
    }
    let ours = Limits {
        memory: OURS.0,
        cpu: OURS.1,
        read: readable(project),
        write: vec![build, temporary.clone()],
        required: cpu.is_some(),
        forgive: vec![Forgiven::Network, Forgiven::Linkers],
    };
    let of_versions = cpu.map(|cpu| Limits { memory: MEMORY, cpu, ..ours.clone() });
    let tool =
        env::current_exe().map_err(|error| Failure::internal(format!("where am I? {error}")))?;
    // Runs of both kinds at once do not take each other's.
    let path = generated.join(if cpu.is_some() { "confined-rustc" } else { "kept-in-rustc" });
    write(&path, &script(&tool, &temporary, &ours, of_versions.as_ref()))?;
    Ok(path)
}

/// The program: versions from outside are in crates called `runner-...` alone, see
/// [`patcher::build_runner`].
fn script(tool: &Path, temporary: &Path, ours: &Limits, of_versions: Option<&Limits>) -> String {
    let command = |limits: &Limits| {
        let words: Vec<String> = limits.words().iter().map(|word| quoted(word)).collect();
        format!("exec {} {} -- \"$@\"", quoted(tool.as_os_str()), words.join(" "))
    };
    let temporary = quoted(temporary.as_os_str());
    let mut text = format!("#!/bin/sh\nexport TMPDIR={temporary}\n");
    if let Some(limits) = of_versions {
        let command = command(limits);
        let case =
            format!("case \" $* \" in\n*' --crate-name runner_'*)\n    {command}\n    ;;\nesac\n");
        text.push_str(&case);
    }
    text + &command(ours) + "\n"
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
    let own = [project.generated().join("ws"), counting_compiler(project)];
    let elsewhere = toolchain_folder(project).into_iter().chain(STORES.map(PathBuf::from));
    rustup.chain(cargo).chain(own).chain(elsewhere).collect()
}

/// Where systems that keep programs apart have compilers, linkers and libraries.
const STORES: [&str; 2] = ["/nix/store", "/gnu/store"];

/// Where the compiler is, if that is not where toolchains usually are.
fn toolchain_folder(project: &Project) -> Option<PathBuf> {
    let mut rustc = Command::new("rustc");
    let said = rustc.args(["--print", "sysroot"]).current_dir(&project.root).output().ok()?;
    let folder = PathBuf::from(String::from_utf8(said.stdout).ok()?.trim_end());
    (said.status.success() && folder.is_absolute()).then_some(folder)
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
        let ours = Limits { memory: 6, cpu: 8, ..Limits::default() };
        let run = |of_versions: Option<&Limits>, name: &str| {
            let text = script(Path::new("echo"), Path::new("/tmp"), &ours, of_versions);
            let words = ["-c", &text, "wrapper", "rustc", "--crate-name", name, "x.rs"];
            let output = Command::new("/bin/sh").args(words).output().unwrap();
            String::from_utf8(output.stdout).unwrap()
        };
        let version = run(Some(&limits), "runner_12");
        assert!(version.starts_with("confined --memory 5 --cpu 7 "), "{version}");
        assert!(version.ends_with("-- rustc --crate-name runner_12 x.rs\n"), "{version}");
        for (of_versions, name) in [(Some(&limits), "bench"), (None, "bench"), (None, "runner_12")]
        {
            assert!(run(of_versions, name).starts_with("confined --memory 6 --cpu 8 "), "{name}");
        }
    }

    #[test]
    fn words_mean_themselves_to_the_shell() {
        assert_eq!(quoted(OsStr::new("a b")), "'a b'");
        assert_eq!(quoted(OsStr::new("it's")), r"'it'\''s'");
    }
}
