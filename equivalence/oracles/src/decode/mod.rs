//! The slots of decoding: what meets the network first.

mod grammar;
mod parts;
mod reader;

#[cfg(test)]
mod grown;
#[cfg(test)]
mod kit;
#[cfg(test)]
mod mutants;
#[cfg(test)]
mod shape_tests;

pub mod message;
pub mod shape;
