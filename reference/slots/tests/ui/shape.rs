//! The state comes second.
use slots::slot;

/// Adds a number.
#[slot(count.add)]
pub fn add(value: u64, state: &mut u64) {
    *state += value;
}

fn main() {}
