//! What the rest of the crate uses of reconciliation.
//!
//! It is told what became eligible and what execution lacks, and gives back contents that it put
//! together.

pub use super::{
    forget, on_eligible, on_recon, on_recon_request, recover, request_missing, retire,
};

use super::State;
use std::collections::BTreeMap;
use wire::{Config, ReplicaId};

impl State {
    /// Nothing known.
    #[must_use]
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        assert!(config.is_replica(me));
        Self {
            me,
            sent: BTreeMap::new(),
            archive: BTreeMap::new(),
            parts: vec![BTreeMap::new(); config.size()],
            want: BTreeMap::new(),
            answered: vec![BTreeMap::new(); config.size()],
        }
    }

    /// The abstract state.
    #[must_use]
    pub const fn to_abstract(&self) -> &Self {
        self
    }
}
