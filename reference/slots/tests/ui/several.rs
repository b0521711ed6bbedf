//! Three mistakes at once are reported together.
use slots::slot;

#[slot(count)]
async fn add(value: u64) -> u64 {
    value + 1
}

fn main() {}
