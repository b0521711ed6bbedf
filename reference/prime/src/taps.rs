//! Calls of slots, shown to whoever records them on this thread.
//!
//! Compiled with the feature `taps` alone, which a bench switches on and no replica does: the bench
//! wants states and arguments as they come up in running clusters. `#[slot]` puts a [`call`] at the
//! head of every slot.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

/// A copy of a state, or of a tuple of arguments.
pub type Copied = Box<dyn Any + Send + Sync>;

/// Sees the calls of slots on one thread.
pub trait Recorder {
    /// Whether it wants to see the call of `slot`, named `component.slot`, that is about to happen upon
    /// `state` (the empty tuple, if the slot takes none).
    fn wants(&mut self, slot: &'static str, state: &dyn Any) -> bool;

    /// What the call meets: the component's state (the empty tuple, if the slot takes none), and a
    /// tuple of the other arguments in their order, owned; configuration, effects and service are
    /// left out. What slots it calls meanwhile it is not shown.
    fn take(&mut self, slot: &'static str, state: Copied, arguments: Copied);
}

/// Shared with whoever looks at it afterwards.
pub type Shared = Rc<RefCell<dyn Recorder>>;

thread_local! {
    static RECORDER: RefCell<Option<Shared>> = const { RefCell::new(None) };
}

/// Takes the recorder off, also when the work panics.
struct Off;

impl Drop for Off {
    fn drop(&mut self) {
        RECORDER.set(None);
    }
}

/// Does `work`, showing its calls to `recorder`.
pub fn record<T>(recorder: Shared, work: impl FnOnce() -> T) -> T {
    RECORDER.set(Some(recorder));
    let _off = Off;
    work()
}

/// `slot` is about to run upon `state`; `arguments` copies what it is called with beside that.
pub fn call<S, A>(slot: &'static str, state: &S, arguments: impl FnOnce() -> A)
where
    S: Any + Clone + Send + Sync,
    A: Any + Send + Sync,
{
    let Some(recorder) = RECORDER.with_borrow(Clone::clone) else { return };
    // A recorder that calls slots itself, to see what comes of a call, is not shown those calls.
    let wanted = recorder.try_borrow_mut().is_ok_and(|mut recorder| recorder.wants(slot, state));
    if wanted {
        let (state, arguments) = (Box::new(state.clone()), Box::new(arguments()));
        recorder.borrow_mut().take(slot, state, arguments);
    }
}
