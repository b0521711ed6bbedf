//! Versions of the slots of `rejoin`, one a file.

pub mod component;
