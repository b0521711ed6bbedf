//! Weighing by folding.

use wire::Update;

/// The sum of a payload's bytes.
pub fn weigh(update: &Update) -> u64 {
    update.payload.iter().fold(0, |sum, byte| sum + u64::from(*byte))
}
