//! Which edges of instrumented code were taken, and how often.
//!
//! The compiler puts a counter of one byte on every edge of a crate that it is told to instrument
//! (LLVM's SanitizerCoverage, `inline-8bit-counters`), and each object announces where its counters
//! are before `main`. Without such a crate in the program there are no counters.
//!
//! Counters are global and not synchronised: what is read means something while no other thread runs
//! instrumented code.

#![expect(unsafe_code, reason = "the counters are memory that the compiler hands over by address")]

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Counters, by the addresses of the first and the one after the last.
static REGIONS: Mutex<Vec<(usize, usize)>> = Mutex::new(Vec::new());

fn regions() -> MutexGuard<'static, Vec<(usize, usize)>> {
    REGIONS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Called before `main` by every instrumented object; those of one program name the same counters.
#[unsafe(no_mangle)]
extern "C" fn __sanitizer_cov_8bit_counters_init(start: *mut u8, stop: *mut u8) {
    let region = (start.addr(), stop.addr());
    // The addresses come back as pointers below.
    let (_, _) = (start.expose_provenance(), stop.expose_provenance());
    let mut regions = regions();
    if region.0 < region.1 && !regions.contains(&region) {
        regions.push(region);
    }
}

/// Called beside it, with a table that nobody here needs.
#[unsafe(no_mangle)]
extern "C" fn __sanitizer_cov_pcs_init(_start: *const usize, _stop: *const usize) {}

/// How many edges are counted; 0 in a program in which nothing is instrumented.
#[must_use]
pub fn edges() -> usize {
    regions().iter().map(|(start, stop)| stop - start).sum()
}

/// Sets all counters to 0.
pub fn reset() {
    for (start, stop) in regions().iter() {
        let first = std::ptr::with_exposed_provenance_mut::<u8>(*start);
        // SAFETY: an instrumented object announced `start..stop` as its counters: bytes that live as
        // long as the program and that nobody holds a reference to.
        unsafe { first.write_bytes(0, stop - start) };
    }
}

/// Calls `edge` with the number of each edge that was taken, and how often, modulo 256.
pub fn taken(mut edge: impl FnMut(usize, u8)) {
    let mut number = 0;
    for (start, stop) in regions().iter() {
        let first = std::ptr::with_exposed_provenance::<u8>(*start);
        for offset in 0..stop - start {
            // SAFETY: as in `reset`; volatile, since instrumented code writes behind our back.
            let count = unsafe { first.add(offset).read_volatile() };
            if count > 0 {
                edge(number + offset, count);
            }
        }
        number += stop - start;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As an instrumented object would.
    static mut COUNTERS: [u8; 5] = [0; 5];

    #[test]
    fn what_is_announced_is_read_and_reset() {
        assert_eq!(edges(), 0);
        let start = (&raw mut COUNTERS).cast::<u8>();
        let stop = start.wrapping_add(5);
        __sanitizer_cov_8bit_counters_init(start, stop);
        __sanitizer_cov_8bit_counters_init(start, stop);
        assert_eq!(edges(), 5);
        // SAFETY: nobody else has these bytes.
        unsafe {
            start.add(1).write(3);
            start.add(4).write(255);
        }
        let read = || {
            let mut read = Vec::new();
            taken(|edge, count| read.push((edge, count)));
            read
        };
        assert_eq!(read(), [(1, 3), (4, 255)]);
        reset();
        assert_eq!(read(), []);
    }
}
