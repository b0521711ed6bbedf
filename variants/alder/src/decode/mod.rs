//! Versions of the slots of decoding, one a file.

pub mod message;
pub mod shape;
