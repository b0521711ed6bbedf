//! Watching what correct replicas say, in the terms of one protocol.

use crate::adversary::{Adversary, Attack};
use crate::delay::TurnAround;
use std::collections::BTreeMap;
use wire::{Config, Protocol, ReplicaId};

/// Looks at every message that a correct replica signs, over all its lives.
pub trait Monitor<P: Protocol> {
    /// Nothing was said yet. Proofs against these replicas are no fault of whoever shows them.
    fn new(config: &Config, faulty: &BTreeMap<ReplicaId, Attack>) -> Self;

    /// `replica` lost its log: what its next life makes harmless it may contradict, and nothing else.
    fn excuse(&mut self, replica: ReplicaId);

    /// `sender` signed `message` and sends it.
    ///
    /// # Errors
    /// How the message contradicts an earlier one of a correct replica.
    fn sent(&mut self, sender: ReplicaId, message: &P::Incoming) -> Result<(), String>;

    /// `replica` went down. What it must hold over a restart is in its log.
    fn ended(&mut self, _replica: ReplicaId) {}

    /// Whom `sender` proved to be faulty since it started last, and must go on holding for that.
    fn proved(&self, _sender: ReplicaId) -> Vec<ReplicaId> {
        Vec::new()
    }

    /// How often `sender` said that numbers of its own will be passed over, and how often it went on
    /// above some that were.
    fn passes_over(&self, _sender: ReplicaId) -> (u64, u64) {
        (0, 0)
    }

    /// The highest number that `sender` gave out to what it originates; 0 if none.
    fn gave_out(&self, _sender: ReplicaId) -> u64 {
        0
    }

    /// Up to which number of `originator` a quorum of correct replicas says that it has all.
    fn acknowledged(&self, _originator: ReplicaId) -> u64 {
        0
    }

    /// How the leader that was nearest to replacement did; `quorum` bounds make one acceptable.
    fn turn_around(&self, _quorum: usize) -> Option<TurnAround> {
        None
    }
}

/// A protocol that the simulator can watch.
pub trait Watched: Protocol {
    /// Knows what no correct replica says.
    type Monitor: Monitor<Self>;

    /// Who attacks this protocol like that; `None` for an attack that is the machine's own.
    fn adversary(attack: Attack) -> Option<Box<dyn Adversary<Self>>>;
}
