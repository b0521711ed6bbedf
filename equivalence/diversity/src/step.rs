//! Executing one instruction after the other, and noting each.
//!
//! The processor's trap flag makes it stop after every instruction; the system tells the process by a
//! signal, whose handler notes where it stopped. So what is noted is what was executed, in order, in
//! any library, and it is the same program that runs otherwise: nothing is compiled in, and nothing needs
//! to be installed. It takes some microseconds an instruction. Systems that do not let a program do it there
//! are; [`prepare`] finds out.
//!
//! An instruction that repeats itself (`rep movsb`) is one instruction.

#![expect(unsafe_code, reason = "sets a flag of the processor and handles the signal that follows")]

use std::cell::Cell;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Where the handler writes to, how many fit, and how many there were.
static BUFFER: AtomicPtr<usize> = AtomicPtr::new(std::ptr::null_mut());
static ROOM: AtomicUsize = AtomicUsize::new(0);
static COUNT: AtomicUsize = AtomicUsize::new(0);
/// The instruction noted last: one that repeats itself is noted once.
static LAST: AtomicUsize = AtomicUsize::new(0);
thread_local! {
    /// Whether [`begin`] and [`end`] do anything on this thread.
    static ARMED: Cell<bool> = const { Cell::new(false) };
}
/// One at a time: the buffer is one.
static TURN: Mutex<()> = Mutex::new(());

/// What was executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Steps {
    /// Addresses of instructions, in order.
    pub(crate) addresses: Vec<usize>,
    /// Whether all the room was taken: there may have been more.
    pub(crate) cut: bool,
}

/// Notes what `work` executes between [`begin`] and [`end`], on this thread, up to `most` instructions;
/// after these it goes on at full speed.
pub(crate) fn noting(most: usize, work: impl FnOnce()) -> Steps {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut addresses: Vec<usize> = Vec::with_capacity(most);
    COUNT.store(0, Ordering::Relaxed);
    LAST.store(0, Ordering::Relaxed);
    ROOM.store(most, Ordering::Relaxed);
    BUFFER.store(addresses.as_mut_ptr(), Ordering::Relaxed);
    ARMED.set(true);
    /// Nothing is noted any more when this goes, however `work` ended.
    struct Disarm;
    impl Drop for Disarm {
        fn drop(&mut self) {
            end();
            ARMED.set(false);
        }
    }
    let disarm = Disarm;
    work();
    drop(disarm);
    let count = COUNT.load(Ordering::Relaxed);
    // SAFETY: the handler wrote the first `count` of the `most` that there is room for, or all.
    unsafe { addresses.set_len(count.min(most)) };
    Steps { addresses, cut: count >= most }
}

/// Begins to note, if somebody asked for it.
pub(crate) fn begin() {
    if ARMED.get() {
        flag::set();
    }
}

/// Ends what [`begin`] began.
pub(crate) fn end() {
    if ARMED.get() {
        flag::clear();
    }
}

/// Of a loop for trial.
const ROUNDS: usize = 100;

/// Finds out whether this machine can do it, and gets ready.
///
/// # Errors
/// A sentence.
pub(crate) fn prepare() -> Result<(), String> {
    flag::install()?;
    let steps = noting(1 << 16, || {
        begin();
        for round in 0..ROUNDS {
            std::hint::black_box(round);
        }
        end();
    });
    // However the loop is compiled, each round is an instruction at least.
    if steps.addresses.len() > ROUNDS && !steps.cut {
        return Ok(());
    }
    Err("this system does not let a program execute its own instructions one by one: measure on \
         another machine"
        .to_owned())
}

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod flag {
    use super::{BUFFER, COUNT, LAST, ROOM};
    use std::arch::asm;
    use std::sync::atomic::Ordering;

    /// In the processor's flags.
    const TRAP: i64 = 0x100;

    /// Sets the trap flag; the first signal comes after the next instruction.
    pub(super) fn set() {
        // SAFETY: flags are saved, one is set, and they are restored; the stack is as it was.
        unsafe { asm!("pushfq", "or qword ptr [rsp], 0x100", "popfq") };
    }

    pub(super) fn clear() {
        // SAFETY: as above.
        unsafe { asm!("pushfq", "and qword ptr [rsp], -0x101", "popfq") };
    }

    /// What a register holds, whatever its sign: both have 64 bits here.
    const fn address(register: i64) -> usize {
        usize::from_ne_bytes(register.to_ne_bytes())
    }

    /// Called by the system after each instruction.
    extern "C" fn stopped(
        _signal: libc::c_int,
        _info: *mut libc::siginfo_t,
        context: *mut libc::c_void,
    ) {
        // SAFETY: the system hands over the context of the thread that was interrupted.
        let context = unsafe { &mut *context.cast::<libc::ucontext_t>() };
        let registers = &mut context.uc_mcontext.gregs;
        let at = address(registers[libc::REG_RIP as usize]);
        if at == LAST.load(Ordering::Relaxed) {
            return;
        }
        LAST.store(at, Ordering::Relaxed);
        let count = COUNT.load(Ordering::Relaxed);
        if count >= ROOM.load(Ordering::Relaxed) {
            // Goes on at full speed.
            registers[libc::REG_EFL as usize] &= !TRAP;
            return;
        }
        // SAFETY: there is room for more, and only this thread writes.
        unsafe { BUFFER.load(Ordering::Relaxed).add(count).write(at) };
        COUNT.store(count + 1, Ordering::Relaxed);
    }

    pub(super) fn install() -> Result<(), String> {
        // SAFETY: all zeros is an action without flags and with nothing blocked.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        let handler: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) = stopped;
        action.sa_sigaction = handler as libc::sighandler_t;
        action.sa_flags = libc::SA_SIGINFO;
        // SAFETY: the handler only touches statics and a buffer that lives while it is called.
        let done =
            unsafe { libc::sigaction(libc::SIGTRAP, &raw const action, std::ptr::null_mut()) };
        if done == 0 { Ok(()) } else { Err("SIGTRAP cannot be handled here".to_owned()) }
    }
}

#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
mod flag {
    pub(super) fn set() {}

    pub(super) fn clear() {}

    pub(super) fn install() -> Result<(), String> {
        let sentence =
            "instructions are counted on x86-64 under Linux alone: measure on such a machine";
        Err(sentence.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::{Steps, begin, end, noting, prepare};
    use std::hint::black_box;

    #[inline(never)]
    fn sum(numbers: u32) -> u32 {
        (0..numbers).map(black_box).fold(0, u32::wrapping_add)
    }

    /// What is noted of a sum, and whether this system lets anything be noted at all.
    fn steps_of(most: usize, numbers: u32) -> (Steps, bool) {
        let may = prepare();
        let steps = noting(most, || {
            begin();
            black_box(sum(black_box(numbers)));
            end();
        });
        if let Err(sentence) = &may {
            assert!(sentence.contains("measure on"), "{sentence}");
            assert_eq!((steps.addresses.len(), steps.cut), (0, false), "{sentence}");
        }
        (steps, may.is_ok())
    }

    #[test]
    fn what_is_executed_is_noted_and_the_same_each_time() {
        let ((short, may), (again, _), (long, _)) =
            (steps_of(1 << 20, 100), steps_of(1 << 20, 100), steps_of(1 << 20, 1_100));
        assert_eq!(short, again);
        let more = long.addresses.len() - short.addresses.len();
        let fits = more >= 3_000 && more.is_multiple_of(1_000);
        assert!(fits || !may, "{more} for a thousand rounds more");
    }

    #[test]
    fn there_is_an_end_to_it() {
        let (steps, may) = steps_of(500, 10_000);
        let expected = if may { (500, true) } else { (0, false) };
        assert_eq!((steps.addresses.len(), steps.cut), expected);
    }

    #[test]
    fn nothing_is_noted_outside() {
        let _either = prepare();
        let steps = noting(100, || {
            black_box(sum(50));
        });
        assert_eq!((steps.addresses.len(), steps.cut), (0, false));
        begin();
        black_box(sum(50));
        end();
    }

    #[test]
    fn a_panic_ends_it() {
        let _either = prepare();
        let died = std::panic::catch_unwind(|| {
            noting(1 << 12, || {
                begin();
                assert!(black_box(1) > 1, "as planned");
            })
        });
        assert!(died.is_err());
        let steps = noting(100, || {
            black_box(sum(50));
        });
        assert_eq!(steps.addresses.len(), 0);
    }
}
