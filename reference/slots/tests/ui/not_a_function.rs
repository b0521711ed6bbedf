//! The attribute stands on a type.
use slots::slot;

/// A state.
#[slot(count.state)]
pub struct State;

fn main() {}
