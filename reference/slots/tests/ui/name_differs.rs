//! The function has another name than the slot.
use slots::slot;

/// Adds one.
#[slot(count.add)]
pub fn add_one(value: u64) -> u64 {
    value + 1
}

fn main() {}
