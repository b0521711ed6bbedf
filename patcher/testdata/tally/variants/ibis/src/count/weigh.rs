//! Weighing from the end.

use wire::Update;

/// The sum of a payload's bytes.
pub fn weigh(update: &Update) -> u64 {
    weigh_bytes(&update.payload)
}

fn weigh_bytes(bytes: &[u8]) -> u64 {
    match bytes {
        [] => 0,
        [rest @ .., last] => weigh_bytes(rest) + u64::from(*last),
    }
}
