//! Versions of the family heron.

pub mod check;
pub mod count;
