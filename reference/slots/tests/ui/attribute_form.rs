//! The attribute names no component.
use slots::slot;

/// Adds one.
#[slot(add)]
pub fn add(value: u64) -> u64 {
    value + 1
}

fn main() {}
