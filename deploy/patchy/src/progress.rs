//! Progress on standard error, for what takes more than two seconds: a bar on a terminal, and
//! elsewhere a line now and then on what may take minutes.

use crate::interrupt;
use crate::report::note;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use patcher::{Progress as BuildProgress, Watch};
use std::io::IsTerminal as _;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// Before this nothing is shown.
const QUIET: Duration = Duration::from_secs(2);

/// How often a line is written where no bar can be shown.
const LINE: Duration = Duration::from_secs(30);

/// A bar that shows itself when it is worth it, and vanishes when dropped.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Its end tells the thread that nothing needs to be shown any more.
    _alive: Sender<()>,
    /// The same for the thread that writes lines, if there is one.
    lines: Option<Sender<()>>,
}

impl Progress {
    /// Something that takes `total` steps; 0 where nobody knows.
    pub(crate) fn new(what: &str, total: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
        let template = if total == 0 {
            "{spinner} {prefix} {msg} ({elapsed})"
        } else {
            "{spinner} {prefix} [{bar:30}] {pos}/{len} {msg} ({elapsed})"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_prefix(what.to_owned());
        let (alive, ended) = mpsc::channel::<()>();
        let shown = bar.clone();
        thread::spawn(move || {
            if ended.recv_timeout(QUIET) == Err(RecvTimeoutError::Timeout) {
                // Draws nothing unless standard error is a terminal.
                shown.set_draw_target(ProgressDrawTarget::stderr());
                shown.enable_steady_tick(Duration::from_millis(200));
            }
        });
        Self { bar, _alive: alive, lines: None }
    }

    /// Something that may take minutes, of which people want to know also where no bar is shown.
    pub(crate) fn of_minutes(what: &str) -> Self {
        let mut progress = Self::new(what, 0);
        if !std::io::stderr().is_terminal() {
            let (alive, ended) = mpsc::channel::<()>();
            let (bar, what) = (progress.bar.clone(), what.to_owned());
            thread::spawn(move || {
                lines(&ended, QUIET, LINE, |seconds| {
                    note(&format!("{what}: {} ({seconds} s so far)", bar.message()));
                });
            });
            progress.lines = Some(alive);
        }
        progress
    }

    /// How far it is.
    pub(crate) fn set(&self, position: u64, message: impl Into<String>) {
        self.bar.set_position(position);
        self.bar.set_message(message.into());
    }

    /// What is being done.
    pub(crate) fn say(&self, message: impl Into<String>) {
        self.bar.set_message(message.into());
    }
}

/// Calls `write` after `quiet` and then each time that `every` is over, until `ended` is dropped,
/// with the seconds since this was called.
fn lines(ended: &Receiver<()>, quiet: Duration, every: Duration, write: impl Fn(u64)) {
    let start = Instant::now();
    let mut pause = quiet;
    while ended.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
        write(start.elapsed().as_secs());
        pause = every;
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.lines = None;
        self.bar.finish_and_clear();
    }
}

/// Runs a build with a progress bar, stopped by signals.
pub(crate) fn building<T>(what: &str, build: impl FnOnce(&Watch<'_>) -> T) -> T {
    let progress = Progress::of_minutes(what);
    let done = std::cell::Cell::new(0_u64);
    let report = |step: BuildProgress| match step {
        BuildProgress::Waiting => progress.say("waiting for another build in this project"),
        BuildProgress::Started { .. } => progress.say("compiling"),
        BuildProgress::Crate { name, compiled } => {
            if compiled {
                done.set(done.get() + 1);
                progress.say(format!("{} crates compiled, last {name}", done.get()));
            }
        }
    };
    build(&Watch { progress: &report, cancel: &interrupt::RAISED })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_written_until_it_is_over_and_none_of_what_is_short() {
        let short = Duration::from_millis(1);
        let (alive, ended) = mpsc::channel::<()>();
        let (wrote, written) = mpsc::channel();
        let writer = thread::spawn(move || {
            // Nobody reads any more once three were read.
            lines(&ended, short, short, |_| {
                let _ = wrote.send(());
            });
        });
        for _ in 0..3 {
            written.recv().unwrap();
        }
        drop(alive);
        writer.join().unwrap();

        let (alive, ended) = mpsc::channel::<()>();
        drop(alive);
        lines(&ended, Duration::from_secs(60), short, |_| panic!("it was over at once"));
    }
}
