//! Processes that were started here, told from all others.
//!
//! A pid alone may have been given to somebody else meanwhile. `replica.pid` also holds when the
//! process began and in which boot; only a process that agrees in all three is ours. It is then
//! held by a descriptor, so that it cannot be exchanged between the check and the signal.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// Name of the file in a host folder.
pub(crate) const FILE: &str = "replica.pid";

/// Which process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark {
    pub(crate) pid: u32,
    /// When it began. Unit: clock ticks since boot.
    began: u64,
    /// Of the system.
    boot: String,
}

/// How a process was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopped {
    /// It ended when it was asked to.
    Cleanly,
    /// It had to be killed.
    Killed,
    /// It did not run.
    DidNotRun,
}

/// The fields of `/proc/PID/stat` that are of use.
struct Stat {
    state: char,
    began: u64,
    /// User and system time. Unit: clock ticks.
    spent: u64,
}

fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in parentheses, may hold anything; what follows it is numbers.
    let fields: Vec<_> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(Stat {
        state: fields.first()?.chars().next()?,
        spent: number(11)? + number(12)?,
        began: number(19)?,
    })
}

fn boot() -> String {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id");
    id.map(|id| id.trim().to_string()).unwrap_or_default()
}

impl Mark {
    /// Marks process `pid`, which runs.
    pub(crate) fn of(pid: u32) -> Option<Self> {
        Some(Self { pid, began: stat(pid)?.began, boot: boot() })
    }

    /// The mark in `host`, if there is one.
    pub(crate) fn read(host: &Path) -> Option<Self> {
        serde_json::from_str(&fs::read_to_string(host.join(FILE)).ok()?).ok()
    }

    /// Leaves the mark in `host`.
    pub(crate) fn write(&self, host: &Path) -> io::Result<()> {
        // In one piece: whoever reads it meanwhile would take half a mark for none.
        let draft = host.join(FILE).with_extension("draft");
        fs::write(&draft, serde_json::to_string(self)?)?;
        fs::rename(draft, host.join(FILE))
    }

    /// Whether the marked process still runs.
    pub(crate) fn is_alive(&self) -> bool {
        self.boot == boot()
            && stat(self.pid)
                .is_some_and(|stat| stat.began == self.began && !matches!(stat.state, 'Z' | 'X'))
    }

    /// Processor time that it has used, in all its threads.
    pub(crate) fn spent(&self) -> Option<Duration> {
        let stat = stat(self.pid).filter(|stat| stat.began == self.began)?;
        let ticks = rustix::param::clock_ticks_per_second().max(1);
        Some(Duration::from_micros(stat.spent * 1_000_000 / ticks))
    }

    /// A descriptor of the process, if it runs.
    fn hold(&self) -> Option<OwnedFd> {
        let pid = Pid::from_raw(i32::try_from(self.pid).ok()?)?;
        let held = pidfd_open(pid, PidfdFlags::empty()).ok()?;
        self.is_alive().then_some(held)
    }

    /// Sends it `signal`; `false` if it does not run.
    pub(crate) fn signal(&self, signal: Signal) -> io::Result<bool> {
        match self.hold() {
            Some(held) => pidfd_send_signal(&held, signal).map(|()| true).map_err(Into::into),
            None => Ok(false),
        }
    }

    /// Asks it to end, and kills it if it has not after `patience`.
    pub(crate) fn stop(&self, patience: Duration) -> io::Result<Stopped> {
        let Some(held) = self.hold() else { return Ok(Stopped::DidNotRun) };
        pidfd_send_signal(&held, Signal::TERM)?;
        // A stopped process takes no notice before it goes on.
        pidfd_send_signal(&held, Signal::CONT)?;
        if has_ended(&held, patience)? {
            return Ok(Stopped::Cleanly);
        }
        let _ = pidfd_send_signal(&held, Signal::KILL);
        has_ended(&held, patience)?;
        Ok(Stopped::Killed)
    }

    /// Kills it and waits until it is gone; `false` if it did not run.
    pub(crate) fn kill(&self, patience: Duration) -> io::Result<bool> {
        let Some(held) = self.hold() else { return Ok(false) };
        pidfd_send_signal(&held, Signal::KILL)?;
        has_ended(&held, patience)
    }
}

/// Waits for the end of a process; whether it came in time.
fn has_ended(held: &OwnedFd, patience: Duration) -> io::Result<bool> {
    let end = Instant::now() + patience;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let left = Timespec::try_from(left).map_err(io::Error::other)?;
        let mut polled = [PollFd::new(held, PollFlags::IN)];
        match poll(&mut polled, Some(&left)) {
            Ok(count) => return Ok(count > 0),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
