//! The bucket as a small machine: time gone by is changed into tokens, and what is left of it is kept
//! only while the bucket is not full.

use prime::order::State;
use wire::{Config, Time};

/// The bucket.
struct Bucket {
    tokens: u64,
    filled_at: u64,
}

/// The bucket at `now`. A token takes `step`, and at most `most` are kept.
fn pour(bucket: &Bucket, now: u64, step: u64, most: u64) -> Bucket {
    let drops = now.saturating_sub(bucket.filled_at) / step;
    let tokens = bucket.tokens.saturating_add(drops);
    if tokens >= most {
        // Time does not add up while there is no room.
        Bucket { tokens: most, filled_at: now.max(bucket.filled_at) }
    } else {
        Bucket { tokens, filled_at: bucket.filled_at.saturating_add(drops.saturating_mul(step)) }
    }
}

/// Fills the bucket from which `accept` takes a token for each Pre-Prepare of the leader.
pub fn refill(state: &mut State, config: &Config, now: Time) {
    // Half of the least time between two Pre-Prepares, in whole microseconds.
    let step = (config.timing.pre_prepare / 2).max(1);
    let bucket = Bucket { tokens: state.tokens, filled_at: state.filled_at.0 };
    let Bucket { tokens, filled_at } = pour(&bucket, now.0, step, config.windows.order);
    state.tokens = tokens;
    state.filled_at = Time(filled_at);
}
