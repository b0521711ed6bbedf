//! Weighing.

use slots::slot;
use wire::Update;

/// The sum of a payload's bytes.
///
/// Example: `[1, 2]` weighs 3.
#[slot(count.weigh)]
pub fn weigh(update: &Update) -> u64 {
    let mut sum = 0;
    for byte in &update.payload {
        sum += u64::from(*byte);
    }
    sum
}
