//! Counts of one run.

use crate::absence::Comeback;
use crate::adversary::Attack;
use boundary::Died;
use std::collections::BTreeMap;
use wire::{Reject, ReplicaId};

/// What happened in a run, in numbers.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Messages that reached a running replica over a link.
    pub deliveries: u64,
    /// Steps of all machines.
    pub steps: u64,
    /// Executions reported by all replicas, repetitions after restarts included.
    pub executions: u64,
    /// Processes killed.
    pub kills: u64,
    /// Bytes put on links between replicas.
    pub bytes: u64,
    /// Highest view seen.
    pub views: u64,
    /// Answers that clients accepted.
    pub answered: u64,
    /// Longest time from submission to an accepted answer. Unit: microseconds.
    pub max_latency: u64,
    /// Sends by kind of message, each counted once however many receive it.
    pub sent: BTreeMap<&'static str, u64>,
    /// Rejections by reason.
    pub rejects: BTreeMap<Reject, u64>,
    /// Replicas that were Byzantine, and how.
    pub faulty: BTreeMap<ReplicaId, Attack>,
    /// Messages of faulty replicas that a correct decoder or gate refused.
    pub refused: u64,
    /// The most that a replica held of what windows allow, and that. Unit: bytes.
    pub fullest: (u64, u64),
    /// Whether the load was steady for long enough to show growth.
    pub growth: bool,
    /// Who came back from an absence, in order.
    pub comebacks: Vec<Comeback>,
    /// Longest time without any answer while somebody was away or came back. Unit: microseconds.
    pub longest_pause: u64,
    /// Correct replicas that panicked.
    pub deaths: Vec<(ReplicaId, Died)>,
}

impl Tally {
    pub(crate) fn accepted(&mut self, latency: u64) {
        self.answered += 1;
        self.max_latency = self.max_latency.max(latency);
    }
}
