//! What may be counted.

mod judge;

pub use judge::judge;

/// Longest payload. Unit: bytes.
pub const MAX_PAYLOAD: usize = 8;
