//! Running a program to its end, in a process group of its own that ends with it.

use crate::confine::Limits;
use crate::exit::{Failure, Result};
use crate::interrupt;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A program to be run.
#[derive(Debug, Clone)]
pub(crate) struct Job<'a> {
    pub(crate) program: &'a Path,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) limits: Option<Limits>,
    /// Variables beside those of this process; within limits a program has only these.
    pub(crate) environment: &'a [(&'a str, &'a str)],
    /// The file that it gets as standard input; nothing if absent.
    pub(crate) input: Option<&'a Path>,
    /// How long it may take.
    pub(crate) timeout: Duration,
    /// Whether what it says on standard error goes to people at once.
    pub(crate) heard: bool,
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
}

impl Ended {
    /// Why it ended as it did, for people.
    pub(crate) fn why(&self) -> String {
        match (self.timed_out, self.signal, self.code) {
            (true, _, _) => "it took too long and was stopped".to_owned(),
            _ if self.by_sandbox() => "the sandbox ended it".to_owned(),
            _ if self.out_of_memory() => "it asked for more memory than it may have".to_owned(),
            _ if self.exhausted() => "it used up its processor time".to_owned(),
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
    let input = match job.input {
        None => Stdio::null(),
        Some(path) => File::open(path).map_err(Failure::file(path))?.into(),
    };
    command
        .args(&job.arguments)
        .envs(job.environment.iter().copied())
        .stdin(input)
        .stdout(Stdio::piped())
        .stderr(if job.heard { Stdio::inherit() } else { Stdio::piped() })
        .process_group(0);
    let mut child = command.spawn().map_err(Failure::file(job.program))?;
    let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else {
        return Err(Failure::internal("a process without a number"));
    };
    // The group's number stays taken until the child is waited for below.
    let guard = interrupt::on_exit(move || {
        let _ = kill_process_group(pid, Signal::KILL);
    });
    let stdout = collect(child.stdout.take());
    let stderr = collect(child.stderr.take());
    let waited = wait(pid, job.timeout);
    drop(guard);
    let ended = finish(&mut child, stdout, stderr, matches!(waited, Ok(true)));
    waited.and(ended)
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
    stdout: JoinHandle<String>,
    stderr: JoinHandle<String>,
    timed_out: bool,
) -> Result<Ended> {
    let status =
        child.wait().map_err(|error| Failure::internal(format!("a process is lost: {error}")))?;
    Ok(Ended {
        code: status.code(),
        signal: status.signal(),
        timed_out,
        stdout: stdout.join().unwrap_or_default(),
        stderr: stderr.join().unwrap_or_default(),
    })
}

fn collect(stream: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            // What came before an error is all there is.
            let _ = stream.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
