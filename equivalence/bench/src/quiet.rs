//! Panics of versions, caught and not printed.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

thread_local! {
    static WATCHING: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };
}

static HOOK: Once = Once::new();

fn words(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_string());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
}

fn note(info: &PanicHookInfo<'_>) {
    let place =
        info.location().map_or_else(String::new, |at| format!("{}:{}", at.file(), at.line()));
    LAST.with(|last| *last.borrow_mut() = format!("panic at {place}: {}", words(info.payload())));
}

/// Runs `work`.
///
/// # Errors
/// Where and how it panicked.
pub(crate) fn catch<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(
            move |info| {
                if WATCHING.get() { note(info) } else { before(info) }
            },
        ));
    });
    WATCHING.set(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    WATCHING.set(false);
    outcome.map_err(|_| LAST.with(|last| std::mem::take(&mut *last.borrow_mut())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_words_with_its_place() {
        let died = catch(|| assert!(std::hint::black_box(1) > 1, "one is {}", 1)).unwrap_err();
        assert!(died.contains("quiet.rs:") && died.ends_with("one is 1"), "{died}");
        assert_eq!(catch(|| 5), Ok(5));
    }
}
