//! The command line of a replica.

use std::ffi::OsString;
use std::path::PathBuf;

/// For `--help`.
pub(crate) const HELP: &str = "\
One replica of a cluster.

Usage: REPLICA --dir DIR             run the replica whose host folder is DIR
       REPLICA --dir DIR --detached  the same, in a session of its own
       REPLICA --replay FILE         step through a flight record; no network, no disk
       REPLICA --provenance          print what this program was composed of, as JSON

Lines for people go to standard error. SIGTERM stops the replica cleanly.
Exit codes: 0 stopped or replayed, 1 cannot run, 2 the replay ended in a panic, 101 panicked.
";

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    Run { dir: PathBuf, detached: bool },
    Replay { file: PathBuf },
    Provenance,
    Help,
}

/// Reads the arguments, without the program's name.
///
/// # Errors
/// A sentence that says what is wrong.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Task, String> {
    let mut args = args.into_iter();
    let (mut dir, mut file, mut detached) = (None, None, false);
    while let Some(arg) = args.next() {
        let mut value = |what: &str| {
            args.next().map(PathBuf::from).ok_or_else(|| format!("{what} is missing; see --help"))
        };
        match arg.to_str() {
            Some("--dir") => dir = Some(value("the folder after --dir")?),
            Some("--replay") => file = Some(value("the file after --replay")?),
            Some("--detached") => detached = true,
            Some("--provenance") => return Ok(Task::Provenance),
            Some("--help" | "-h") => return Ok(Task::Help),
            _ => return Err(format!("{}: no such option; see --help", arg.display())),
        }
    }
    match (file, dir) {
        (Some(file), _) => Ok(Task::Replay { file }),
        (None, Some(dir)) => Ok(Task::Run { dir, detached }),
        (None, None) => Err("which replica? give its host folder with --dir".to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Task, parse};

    fn task(line: &str) -> Result<Task, String> {
        parse(line.split_whitespace().map(Into::into))
    }

    #[test]
    fn arguments_say_what_to_do() {
        assert_eq!(task("--dir d"), Ok(Task::Run { dir: "d".into(), detached: false }));
        assert_eq!(task("--detached --dir d"), Ok(Task::Run { dir: "d".into(), detached: true }));
        assert_eq!(task("--replay f --dir d"), Ok(Task::Replay { file: "f".into() }));
        assert_eq!(task("--provenance"), Ok(Task::Provenance));
        assert_eq!(task("--help"), Ok(Task::Help));
        for wrong in ["", "--dir", "--replay", "--dri d", "d"] {
            task(wrong).unwrap_err();
        }
    }
}
