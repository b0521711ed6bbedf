//! The function is `unsafe`.
use slots::slot;

/// Adds one.
#[slot(count.add)]
pub unsafe fn add(value: u64) -> u64 {
    value + 1
}

fn main() {}
