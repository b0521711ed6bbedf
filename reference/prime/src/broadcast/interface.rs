//! What the rest of the crate uses of broadcasting.
//!
//! A server tells the component what came, in the slots below, and asks it for little: which view it
//! broadcasts in, when it wants the timer, and, once after a restart, which of the Inits of that view
//! the log had.

pub use super::{
    on_rb_echo, on_rb_init, on_rb_ready, on_rb_request, recover, resume, retransmit, start, take,
};

use super::State;
use std::collections::BTreeMap;
use wire::prime::RbInit;
use wire::{Config, ReplicaId, Time, View};

impl State {
    /// Nothing known, nothing broadcast.
    #[must_use]
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        Self {
            me,
            view: View(0),
            instances: BTreeMap::new(),
            fresh: Vec::new(),
            promised: BTreeMap::new(),
            answered: vec![(Time(0), 0); config.size()],
            retransmit_at: Time(0),
            cursor: None,
        }
    }

    /// The abstract state.
    #[must_use]
    pub const fn to_abstract(&self) -> &Self {
        self
    }

    /// `view`.
    #[must_use]
    pub const fn view(&self) -> View {
        self.view
    }

    /// `retransmit_at`.
    #[must_use]
    pub const fn retransmit_at(&self) -> Time {
        self.retransmit_at
    }

    /// `promised`. Asked for once, after a restart.
    #[must_use]
    pub fn promised(&self) -> BTreeMap<u32, RbInit> {
        self.promised.clone()
    }

    /// `init`, which was promised just now, enters `promised` under its number, where nothing is.
    pub fn add_promised(&mut self, init: RbInit) {
        self.promised.entry(init.seq).or_insert(init);
    }
}
