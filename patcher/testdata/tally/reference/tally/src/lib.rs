//! A replica that adds up.

#![deny(missing_docs)]

pub mod check;
pub mod count;

use wire::{Effects, Machine, Update};

/// The machine.
pub struct Replica {
    state: count::State,
}

impl Machine for Replica {
    fn new() -> Self {
        Self { state: count::State::default() }
    }

    fn step(&mut self, update: &Update, effects: &mut Effects) {
        count::on_update(&mut self.state, update, effects);
    }
}
