//! Running a program to its end, in a process group of its own that ends with it.

use crate::confine::Limits;
use crate::exit::{Failure, Result};
use crate::interrupt;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use serde_json::Value;
use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use verdict::Key;

/// How much is read of each of the ways in which a program says something. Unit: bytes.
const MOST: u64 = 64 << 20;

/// A program to be run.
#[derive(Debug, Clone)]
pub(crate) struct Job<'a> {
    pub(crate) program: &'a Path,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) limits: Option<Limits>,
    /// Variables beside those of this process; within limits a program has only these.
    pub(crate) environment: &'a [(&'a str, &'a str)],
    pub(crate) input: Input<'a>,
    /// How long it may take.
    pub(crate) timeout: Duration,
    /// Whether what it says on standard error goes to people at once.
    pub(crate) heard: bool,
}

/// What a program gets as standard input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Input<'a> {
    Nothing,
    File(&'a Path),
    /// A key, under whose seal it answers. What it prints on standard output is nobody's word then, and
    /// goes nowhere.
    Key,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Ended {
    /// `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    /// The signal that ended it.
    pub(crate) signal: Option<i32>,
    pub(crate) timed_out: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// What it answered under its seal, if it did.
    pub(crate) answer: Option<String>,
    /// Whether it said more than anybody reads.
    pub(crate) too_much: bool,
}

impl Ended {
    /// Why it ended as it did, for people.
    pub(crate) fn why(&self) -> String {
        match (self.timed_out, self.signal, self.code) {
            (true, _, _) => "it took too long and was stopped".to_owned(),
            _ if self.by_sandbox() => "the sandbox ended it".to_owned(),
            _ if self.out_of_memory() => "it asked for more memory than it may have".to_owned(),
            _ if self.exhausted() => "it used up its processor time".to_owned(),
            _ if self.too_much => format!("it said more than {} MiB", MOST >> 20),
            (_, Some(signal), _) => format!("signal {signal} ended it"),
            (_, _, Some(code)) => format!("it exited with {code}"),
            _ => "it ended".to_owned(),
        }
    }

    /// Whether it asked the system for something for which the sandbox ends a program.
    pub(crate) fn by_sandbox(&self) -> bool {
        self.signal == Some(Signal::SYS.as_raw())
    }

    /// Whether it used up the memory or the processor time that it may have.
    pub(crate) fn exhausted(&self) -> bool {
        self.out_of_memory() || self.signal == Some(Signal::XCPU.as_raw())
    }

    fn out_of_memory(&self) -> bool {
        self.signal == Some(Signal::ABORT.as_raw()) && self.stderr.contains("memory allocation of")
    }
}

/// Runs a program that is asked `question` on its standard input, as JSON, and hears it out.
pub(crate) fn ask(
    program: &Path,
    question: &Value,
    limits: Option<Limits>,
    timeout: Duration,
) -> Result<Ended> {
    let mut input = tempfile::NamedTempFile::new().map_err(Failure::file(&std::env::temp_dir()))?;
    input.write_all(question.to_string().as_bytes()).map_err(Failure::file(input.path()))?;
    run(&Job {
        program,
        arguments: Vec::new(),
        limits,
        environment: &[],
        input: Input::File(input.path()),
        timeout,
        heard: false,
    })
}

/// Runs a program until it ends, its time is up or a signal comes; nothing of it is left.
pub(crate) fn run(job: &Job<'_>) -> Result<Ended> {
    let mut command = match &job.limits {
        None => Command::new(job.program),
        Some(limits) => {
            let tool = std::env::current_exe()
                .map_err(|error| Failure::internal(format!("where am I? {error}")))?;
            let mut command = Command::new(tool);
            command.args(limits.arguments(job.program));
            // What a variable holds may be a secret.
            command.env_clear();
            command
        }
    };
    let (input, talk) = input(job)?;
    command
        .args(&job.arguments)
        .envs(job.environment.iter().copied())
        .stdin(input)
        .stdout(if job.input == Input::Key { Stdio::null() } else { Stdio::piped() })
        .stderr(if job.heard { Stdio::inherit() } else { Stdio::piped() })
        .process_group(0);
    let mut child = command.spawn().map_err(Failure::file(job.program))?;
    // The other end of the talk is the child's alone: else its end would be none here.
    drop(command);
    let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else {
        return Err(Failure::internal("a process without a number"));
    };
    // The group's number stays taken until the child is waited for below.
    let guard = interrupt::on_exit(move || {
        let _ = kill_process_group(pid, Signal::KILL);
    });
    let (key, answer) = talk.unzip();
    let said = [collect(child.stdout.take()), collect(child.stderr.take()), collect(answer)];
    let waited = wait(pid, job.timeout);
    drop(guard);
    let ended = finish(&mut child, said, key.as_ref(), matches!(waited, Ok(true)));
    waited.and(ended)
}

/// What the program gets as standard input, and where it answers under which key.
fn input(job: &Job<'_>) -> Result<(Stdio, Option<(Key, UnixStream)>)> {
    match job.input {
        Input::Nothing => return Ok((Stdio::null(), None)),
        Input::File(path) => {
            return Ok((File::open(path).map_err(Failure::file(path))?.into(), None));
        }
        Input::Key => {}
    }
    let failed = |error: &dyn std::fmt::Display| {
        Failure::internal(format!("a program cannot be given a key: {error}"))
    };
    let mut bytes = [0; Key::BYTES];
    getrandom::fill(&mut bytes).map_err(|error| failed(&error))?;
    let key = Key::new(bytes);
    let (mut own, other) = UnixStream::pair().map_err(|error| failed(&error))?;
    key.write(&mut own).map_err(|error| failed(&error))?;
    Ok((OwnedFd::from(other).into(), Some((key, own))))
}

/// Whether the time was up before the process ended.
fn wait(pid: Pid, timeout: Duration) -> Result<bool> {
    let start = Instant::now();
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let mut pause = Duration::from_millis(1);
    loop {
        match waitid(WaitId::Pid(pid), options) {
            Ok(Some(_)) => return Ok(false),
            Ok(None) if start.elapsed() > timeout => return Ok(true),
            Ok(None) => {}
            Err(error) => return Err(Failure::internal(format!("a process is lost: {error}"))),
        }
        interrupt::sleep(pause)?;
        pause = (2 * pause).min(Duration::from_millis(50));
    }
}

fn finish(
    child: &mut Child,
    said: [JoinHandle<Said>; 3],
    key: Option<&Key>,
    timed_out: bool,
) -> Result<Ended> {
    let status =
        child.wait().map_err(|error| Failure::internal(format!("a process is lost: {error}")))?;
    let [stdout, stderr, answer] = said.map(|said| said.join().unwrap_or_default());
    let opened = key.and_then(|key| key.open(&answer.text));
    Ok(Ended {
        code: status.code(),
        signal: status.signal(),
        timed_out,
        answer: opened.map(str::to_owned),
        too_much: stdout.too_much || stderr.too_much || answer.too_much,
        stdout: stdout.text,
        stderr: stderr.text,
    })
}

/// What came of one of the ways in which a program says something.
#[derive(Debug, Default)]
struct Said {
    text: String,
    too_much: bool,
}

fn collect(stream: Option<impl Read + Send + 'static>) -> JoinHandle<Said> {
    thread::spawn(move || {
        let Some(stream) = stream else { return Said::default() };
        let mut bytes = Vec::new();
        // What came before an error is all there is. Whoever says more finds nobody who reads it.
        let _ = stream.take(MOST + 1).read_to_end(&mut bytes);
        let too_much = bytes.len() as u64 > MOST;
        Said { text: String::from_utf8_lossy(&bytes).into_owned(), too_much }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What came of a shell's script.
    fn shell(script: &str, sealed: bool) -> Ended {
        run(&Job {
            program: Path::new("/bin/sh"),
            arguments: vec!["-c".into(), script.into()],
            limits: None,
            environment: &[],
            input: if sealed { Input::Key } else { Input::Nothing },
            timeout: Duration::from_secs(60),
            heard: false,
        })
        .unwrap()
    }

    #[test]
    fn what_is_not_under_the_seal_is_no_answer() {
        // The socket is descriptor 0, so even whoever writes to it cannot answer without the key.
        for script in ["echo forged", "echo forged >&0", "head -c 32 >&2; echo forged >&0"] {
            let ended = shell(script, true);
            assert_eq!((ended.code, ended.answer, ended.stdout.as_str()), (Some(0), None, ""));
        }
        assert_eq!(shell("echo said", false).stdout, "said\n");
    }

    #[test]
    fn no_more_is_read_than_may_be_said() {
        let ended = shell("yes", false);
        assert!(ended.too_much && ended.stdout.len() as u64 == MOST + 1, "{}", ended.stdout.len());
        // Nobody reads any more, which ended it.
        assert!(ended.code != Some(0) && !ended.timed_out, "{:?}", ended.code);
        assert_eq!(ended.why(), "it said more than 64 MiB");
        assert!(!shell("yes | head -c 1000", false).too_much);
    }
}
