//! Another signature.

use wire::Update;

/// The sum of a payload's bytes.
pub fn weigh(update: &Update) -> u32 {
    update.payload.iter().map(|byte| u32::from(*byte)).sum()
}
