//! The function is `async`.
use slots::slot;

/// Adds one.
#[slot(count.add)]
pub async fn add(value: u64) -> u64 {
    value + 1
}

fn main() {}
