//! A panic, as a value.

use borsh::{BorshDeserialize, BorshSerialize};
use std::any::Any;
use std::backtrace::Backtrace;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

/// How a machine ended: where its code panicked and with what words.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Died {
    /// `file:line` of the panic, as the compiler knew it, or of the call into the standard library
    /// that panicked, as the debug information knows it.
    pub location: String,
    /// What it said.
    pub message: String,
}

impl fmt::Display for Died {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "panicked at {}: {}", self.location, self.message)
    }
}

thread_local! {
    static WATCHING: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<Option<Died>> = const { RefCell::new(None) };
}

static HOOK: Once = Once::new();

fn words(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_string());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
}

/// Where the standard library's own sources stand in debug information.
const STANDARD: &str = "/rustc/";

/// The innermost place in `backtrace` outside of the standard library. Some of its functions,
/// such as ranges over maps, report themselves and not their caller as the place of a panic.
fn caller(backtrace: &str) -> Option<String> {
    // What stands before is this module, looking.
    let lines = backtrace.lines().skip_while(|line| !line.contains("core::panicking::"));
    let places = lines.filter_map(|line| line.trim_start().strip_prefix("at "));
    let place = places.into_iter().find(|place| !place.starts_with(STANDARD))?;
    // The column is of no interest.
    Some(place.rsplit_once(':').map_or(place, |(place, _)| place).into())
}

fn note(info: &PanicHookInfo<'_>) {
    let place = info.location().map(|place| format!("{}:{}", place.file(), place.line()));
    let mut location = place.unwrap_or_default();
    if location.starts_with(STANDARD) {
        location = caller(&Backtrace::force_capture().to_string()).unwrap_or(location);
    }
    let died = Died { location, message: words(info.payload()) };
    LAST.with(|last| *last.borrow_mut() = Some(died));
}

/// Runs a machine's code so that its panic ends the machine and nothing else. The panic is not
/// printed; other panics of the process are, as before.
///
/// # Errors
/// How the code died. The panic of a machine behind the boundary arrives as it was inside.
pub fn catch<T>(work: impl FnOnce() -> T) -> Result<T, Died> {
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(
            move |info| {
                if WATCHING.get() { note(info) } else { before(info) }
            },
        ));
    });
    let before = WATCHING.replace(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    WATCHING.set(before);
    outcome.map_err(|payload| match payload.downcast::<Died>() {
        Ok(died) => *died,
        Err(payload) => LAST
            .with(|last| last.borrow_mut().take())
            .unwrap_or_else(|| Died { location: String::new(), message: words(payload.as_ref()) }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_the_standard_library_is_placed_at_its_caller() {
        let map = std::collections::BTreeMap::from([(1, 1)]);
        let (from, to) = std::hint::black_box((3, 2));
        let (died, line) = (catch(|| map.range(from..=to).count()).unwrap_err(), line!());
        assert!(died.location.ends_with(&format!("src/died.rs:{line}")), "{died}");
    }

    #[test]
    fn a_panic_becomes_a_value_with_its_place() {
        let died = catch(|| assert!(std::hint::black_box(1) > 1, "one is {}", 1)).unwrap_err();
        assert!(died.location.contains("died.rs:"), "{died}");
        assert_eq!(died.message, "one is 1");
        assert_eq!(catch(|| 5), Ok(5));
        let inner = Died { location: "a.rs:1".into(), message: "b".into() };
        let raised = inner.clone();
        assert_eq!(catch(|| panic::resume_unwind(Box::new(raised))), Err::<(), _>(inner));
    }
}
