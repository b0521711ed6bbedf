//! A parameter is `impl Trait`.
use slots::slot;

/// Adds one.
#[slot(count.add)]
pub fn add(value: impl Into<u64>) -> u64 {
    value.into() + 1
}

fn main() {}
