//! Versions for checking.

mod judge;

pub use judge::judge;
