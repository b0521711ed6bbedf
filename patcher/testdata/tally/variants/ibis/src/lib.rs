//! Versions of the family ibis.

pub mod check;
pub mod count;
