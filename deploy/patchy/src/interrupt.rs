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

static ACTIONS: Mutex<Actions> =
    Mutex::new(Actions { last: 0, registered: BTreeMap::new(), under_way: 0 });

struct Actions {
    /// Number of the last one registered.
    last: u64,
    registered: BTreeMap<u64, Action>,
    /// How many are being taken: nobody may end the process before they are done.
    under_way: usize,
}

/// Whether some thread has had the last word.
static SAID: AtomicBool = AtomicBool::new(false);

/// How long the tool may take to end by itself after a signal.
const PATIENCE: Duration = Duration::from_secs(2);

/// Ends what was started when it goes out of scope.
#[must_use]
#[derive(Debug)]
pub(crate) struct Guard(u64);

impl Guard {
    /// Leaves running what was started.
    pub(crate) fn forget(self) {
        lock().registered.remove(&self.0);
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        take(|registered| registered.remove(&self.0));
    }
}

/// Takes the action that `choose` finds, if it finds one.
fn take(choose: impl FnOnce(&mut BTreeMap<u64, Action>) -> Option<Action>) -> bool {
    let mut actions = lock();
    let Some(action) = choose(&mut actions.registered) else { return false };
    actions.under_way += 1;
    drop(actions);
    let _under_way = UnderWay;
    action();
    true
}

/// Counts an action as done when it goes out of scope, also if it panicked.
struct UnderWay;

impl Drop for UnderWay {
    fn drop(&mut self) {
        lock().under_way -= 1;
    }
}

fn lock() -> std::sync::MutexGuard<'static, Actions> {
    ACTIONS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Registers how something that was just started, or is about to be, is ended.
pub(crate) fn on_exit(action: impl FnOnce() + Send + 'static) -> Guard {
    let mut actions = lock();
    actions.last += 1;
    let number = actions.last;
    actions.registered.insert(number, Box::new(action));
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

/// Takes all actions, the latest first, waits for those that others take, and exits.
fn end() -> ! {
    loop {
        let taken = take(|registered| registered.pop_last().map(|(_, action)| action));
        if !taken && lock().under_way == 0 {
            break;
        }
        if !taken {
            thread::sleep(Duration::from_millis(10));
        }
    }
    last_word();
    print_failure(&interrupted(), JSON.load(Ordering::SeqCst));
    exit()
}

fn exit() -> ! {
    std::process::exit(ExitCode::Interrupted.number().into())
}

/// Returns when nothing is being ended any more: the process must not go before that.
pub(crate) fn settle() {
    while lock().under_way > 0 {
        thread::sleep(Duration::from_millis(10));
    }
}

/// Lets one thread alone say how it all ended: whoever comes later waits for it, and ends the
/// process should nobody read what it says.
pub(crate) fn last_word() {
    if SAID.swap(true, Ordering::SeqCst) {
        thread::sleep(PATIENCE);
        exit();
    }
}

/// Fails once a signal has come.
pub(crate) fn check() -> Result<()> {
    if RAISED.load(Ordering::SeqCst) {
        return Err(interrupted());
    }
    Ok(())
}

/// Why a command failed: once a signal has come, that is why, for the signal went to what the
/// command had started as well. A command that says itself that it was interrupted is heard.
pub(crate) fn cause(failure: Failure) -> Failure {
    if failure.code == ExitCode::Interrupted { failure } else { check().err().unwrap_or(failure) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn nobody_leaves_while_something_is_being_ended() {
        let ((begin, begun), (go, gone), (leave, left)) = (channel(), channel(), channel());
        let guard = on_exit(move || {
            let _ = begin.send(());
            // Until it is told, or the test has failed.
            let _ = gone.recv();
        });
        let number = guard.0;
        let taker = thread::spawn(move || take(|registered| registered.remove(&number)));
        begun.recv().unwrap();
        // Taken by another already: going out of scope it is not taken again.
        drop(guard);
        let leaver = thread::spawn(move || {
            settle();
            let _ = leave.send(());
        });
        assert!(left.recv_timeout(Duration::from_millis(200)).is_err());
        go.send(()).unwrap();
        left.recv().unwrap();
        assert!(taker.join().unwrap());
        leaver.join().unwrap();
    }
}
