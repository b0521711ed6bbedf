//! A parameter is a pattern.
use slots::slot;

/// Adds two numbers.
#[slot(count.add)]
pub fn add((left, right): (u64, u64)) -> u64 {
    left + right
}

fn main() {}
