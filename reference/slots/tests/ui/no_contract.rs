//! There is no doc comment.
use slots::slot;

#[slot(count.add)]
pub fn add(value: u64) -> u64 {
    value + 1
}

fn main() {}
