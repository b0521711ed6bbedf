//! Weighing by iterator.

use wire::Update;

/// The sum of a payload's bytes.
pub fn weigh(update: &Update) -> u64 {
    update.payload.iter().copied().map(u64::from).sum()
}
