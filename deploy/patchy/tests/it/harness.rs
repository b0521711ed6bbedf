//! Running the tool.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What the tool did.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        Self { code: output.status.code(), stdout, stderr }
    }

    /// Lines on standard error, but for those by which a long build is known to go on.
    pub(crate) fn said(&self) -> Vec<&str> {
        self.stderr.lines().filter(|line| !line.ends_with(" s so far)")).collect()
    }

    /// The one object that `--json` promises.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.stdout.lines().count(), 1, "{self:?}");
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// Asserts that the tool failed with this code and this sentence, for people and for scripts.
    #[track_caller]
    pub(crate) fn fails(&self, code: i32, sentence: &str) {
        assert_eq!(self.code, Some(code), "{self:?}");
        let last = self.stderr.lines().last().unwrap_or_default();
        assert_eq!(last, format!("patchy: {sentence}"), "{self:?}");
        let json = self.json();
        assert_eq!(json["error"], sentence);
        assert_eq!(json["exit_code"], code);
    }
}

/// The project that this is.
pub(crate) fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// Runs the tool in a folder.
pub(crate) fn patchy_in(folder: &Path, words: &[&str]) -> Ended {
    Ended::of(&patchy_command(folder, words).output().unwrap())
}

/// The tool, to be run in a folder.
pub(crate) fn patchy_command(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_patchy"));
    command.args(words).current_dir(folder);
    command
}

/// Runs the tool in this project.
pub(crate) fn patchy(words: &[&str]) -> Ended {
    patchy_in(&project(), words)
}

/// The example program `name`, which cargo builds with the tests.
pub(crate) fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().unwrap().parent().unwrap().join("examples").join(name)
}
