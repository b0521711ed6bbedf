//! Stopping: whatever the tool started is ended when it ends, also on Ctrl-C and on failure.
//!
//! Everything started is registered with the action that ends it. A [`Guard`] takes that action
//! when it goes out of scope. On a signal the flag is raised first, which ends builds and waiting
//! loops in good order; if the tool has not ended by itself soon after, all actions still
//! registered are taken and the process exits.

use crate::exit::{ExitCode, Failure, Result};
use crate::report::print_failure;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Raised by a signal; see [`patcher::Watch::cancel`].
pub(crate) static RAISED: AtomicBool = AtomicBool::new(false);

type Action = Box<dyn FnOnce() + Send>;

/// Whether an object is owed to standard output.
static JSON: AtomicBool = AtomicBool::new(false);

static ACTIONS: Mutex<(u64, BTreeMap<u64, Action>)> = Mutex::new((0, BTreeMap::new()));

/// How long the tool may take to end by itself after a signal.
const PATIENCE: Duration = Duration::from_secs(2);

/// Ends what was started when it goes out of scope.
#[must_use]
#[derive(Debug)]
pub(crate) struct Guard(u64);

impl Guard {
    /// Leaves running what was started.
    pub(crate) fn forget(self) {
        lock().1.remove(&self.0);
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let action = lock().1.remove(&self.0);
        if let Some(action) = action {
            action();
        }
    }
}

fn lock() -> std::sync::MutexGuard<'static, (u64, BTreeMap<u64, Action>)> {
    ACTIONS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Registers how something that was just started, or is about to be, is ended.
pub(crate) fn on_exit(action: impl FnOnce() + Send + 'static) -> Guard {
    let mut actions = lock();
    actions.0 += 1;
    let number = actions.0;
    actions.1.insert(number, Box::new(action));
    Guard(number)
}

/// Installs the handler of signals that end the process.
pub(crate) fn install(json: bool) -> Result<()> {
    JSON.store(json, Ordering::SeqCst);
    let handler = || {
        if RAISED.swap(true, Ordering::SeqCst) {
            end();
        }
        thread::spawn(|| {
            thread::sleep(PATIENCE);
            end();
        });
    };
    ctrlc::set_handler(handler)
        .map_err(|error| Failure::internal(format!("no handler for signals: {error}")))
}

/// Takes all actions, the latest first, and exits.
fn end() -> ! {
    loop {
        let last = lock().1.pop_last();
        match last {
            Some((_, action)) => action(),
            None => {
                print_failure(&interrupted(), JSON.load(Ordering::SeqCst));
                std::process::exit(ExitCode::Interrupted.number().into());
            }
        }
    }
}

/// Fails once a signal has come.
pub(crate) fn check() -> Result<()> {
    if RAISED.load(Ordering::SeqCst) {
        return Err(interrupted());
    }
    Ok(())
}

fn interrupted() -> Failure {
    Failure::new(ExitCode::Interrupted, "interrupted")
}

/// Sleeps, but not beyond a signal.
pub(crate) fn sleep(time: Duration) -> Result<()> {
    let start = std::time::Instant::now();
    while start.elapsed() < time {
        check()?;
        thread::sleep(Duration::from_millis(20).min(time.saturating_sub(start.elapsed())));
    }
    check()
}
