//! What the rest of the crate uses of execution.
//!
//! It is given what is ordered and complete, and says how far it is and what it answered.

pub use super::{apply_request, finish_number, order_of, restore_tables, snapshot};

use super::State;
use std::collections::BTreeMap;
use wire::client::Outcome;
use wire::{ClientId, ClientSeq, Config, PoSeq, ReplicaId, Seq};

impl State {
    /// Nothing executed.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            prefix: vec![PoSeq(0); config.size()],
            executed: Seq(0),
            index: 0,
            clients: BTreeMap::new(),
        }
    }

    /// The abstract state.
    #[must_use]
    pub const fn to_abstract(&self) -> &Self {
        self
    }

    /// `executed`.
    #[must_use]
    pub const fn executed(&self) -> Seq {
        self.executed
    }

    /// `index`.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// `prefix`.
    #[must_use]
    pub fn prefix(&self) -> Vec<PoSeq> {
        self.prefix.clone()
    }

    /// The entry of `prefix` for `originator`, who is a replica.
    #[must_use]
    pub fn executed_of(&self, originator: ReplicaId) -> PoSeq {
        self.prefix[originator.index()]
    }

    /// What `client` is answered to its number `seq`, if that is at or below its `low`: the answer kept,
    /// or `Forgotten` if none is. `None` above that, and for a client without a table.
    #[must_use]
    pub fn answer(&self, client: ClientId, seq: ClientSeq) -> Option<Outcome> {
        let table = self.clients.get(&client).filter(|table| seq <= table.low)?;
        Some(table.replies.get(&seq).cloned().unwrap_or(Outcome::Forgotten))
    }
}
