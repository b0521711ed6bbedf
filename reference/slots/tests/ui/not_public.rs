//! The function is private.
use slots::slot;

/// Adds one.
#[slot(count.add)]
fn add(value: u64) -> u64 {
    value + 1
}

fn main() {}
