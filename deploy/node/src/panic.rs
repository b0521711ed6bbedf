//! A replica whose code panics is a faulty replica: it dies, and says where.

use crate::say::say;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook};

/// Exit code of a process that panicked, as the Rust runtime has it.
const PANICKED: i32 = 101;

/// A panic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fatal {
    /// `file:line:column`.
    pub(crate) place: String,
    pub(crate) message: String,
}

impl Fatal {
    fn new(info: &PanicHookInfo<'_>) -> Self {
        let place = info.location().map_or_else(|| "an unknown place".into(), ToString::to_string);
        let message = info.payload_as_str().unwrap_or("no message").replace('\n', " ");
        Self { place, message }
    }
}

/// From here on a panic in any thread ends the process with one line: `panic at PLACE: MESSAGE`.
pub(crate) fn is_death() {
    set_hook(Box::new(|info| {
        let Fatal { place, message } = Fatal::new(info);
        say!("panic at {place}: {message}");
        std::process::exit(PANICKED);
    }));
}

thread_local! {
    static CAUGHT: RefCell<Option<Fatal>> = const { RefCell::new(None) };
}

/// From here on a panic is kept for [`caught`] and nothing is printed.
pub(crate) fn is_kept() {
    set_hook(Box::new(|info| {
        let fatal = Fatal::new(info);
        CAUGHT.with_borrow_mut(|caught| *caught = Some(fatal));
    }));
}

/// Runs `work`; a panic in it is the error.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Fatal> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| {
        let unknown = || Fatal { place: "an unknown place".into(), message: String::new() };
        CAUGHT.with_borrow_mut(Option::take).unwrap_or_else(unknown)
    })
}
