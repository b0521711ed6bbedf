//! Progress on standard error: only on a terminal, and only for what takes more than two seconds.

use crate::interrupt;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use patcher::{Progress as BuildProgress, Watch};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

/// Before this nothing is shown.
const QUIET: Duration = Duration::from_secs(2);

/// A bar that shows itself when it is worth it, and vanishes when dropped.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Its end tells the thread that nothing needs to be shown any more.
    _alive: Sender<()>,
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
        Self { bar, _alive: alive }
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

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Runs a build with a progress bar, stopped by signals.
pub(crate) fn building<T>(what: &str, build: impl FnOnce(&Watch<'_>) -> T) -> T {
    let progress = Progress::new(what, 0);
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
