//! The function has a foreign ABI.
use slots::slot;

/// Adds one.
#[slot(count.add)]
pub extern "C" fn add(value: u64) -> u64 {
    value + 1
}

fn main() {}
