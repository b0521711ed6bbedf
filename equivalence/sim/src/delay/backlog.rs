//! Numbers that correct originators gave out and that not enough correct servers acknowledge yet.

use super::{Bound, ahead, wait};
use crate::parameters::Parameters;
use std::collections::{BTreeMap, VecDeque};
use wire::ReplicaId;
use wire::prime::{MAX_BATCH, MAX_BATCH_BYTES};

/// PO-Requests that an originator says again to one peer at a time (`prime`'s `retransmit`).
const AGAIN: u64 = 8;

/// Of one originator.
#[derive(Default)]
struct Numbers {
    /// The highest that was given out.
    last: u64,
    /// In order, and when each was given out.
    waiting: VecDeque<(u64, u64)>,
}

/// What correct originators have under way.
pub(crate) struct Backlog {
    /// From when on it excuses nothing. Unit: microseconds.
    gone_by: u64,
    of: BTreeMap<ReplicaId, Numbers>,
}

impl Backlog {
    pub(crate) fn new(gone_by: u64) -> Self {
        Self { gone_by, of: BTreeMap::new() }
    }

    /// What a run may have under way where the bound is owed from `from` on.
    pub(crate) fn of(parameters: &Parameters, from: u64, bound: &Bound) -> Self {
        let config = &parameters.config;
        // The last of them are said again no later than this, and then acknowledged as if new.
        let rounds = ahead(config).div_ceil(said_again(parameters.load.payload.1));
        let period = wait(&parameters.hosts, config.timing.retransmit);
        Self::new(from.saturating_add(2 * rounds * period + bound.total()))
    }

    /// The highest number that `originator` ever gave out is `number`.
    pub(crate) fn gave_out(&mut self, now: u64, originator: ReplicaId, number: u64) {
        let numbers = self.of.entry(originator).or_default();
        if number > numbers.last {
            numbers.last = number;
            numbers.waiting.push_back((number, now));
        }
    }

    /// Enough acknowledge all numbers up to these, by originator; whoever is not among them is down.
    pub(crate) fn acknowledged(&mut self, upto: &BTreeMap<ReplicaId, u64>) {
        for (originator, numbers) in &mut self.of {
            let upto = upto.get(originator).copied().unwrap_or(u64::MAX);
            while numbers.waiting.pop_front_if(|(number, _)| *number <= upto).is_some() {}
        }
    }

    /// Whether some number is under way for longer than `bound` still, which may be because of what
    /// went before.
    pub(crate) fn excuses(&self, now: u64, bound: u64) -> bool {
        let mut oldest = self.of.values().filter_map(|numbers| numbers.waiting.front());
        now < self.gone_by && oldest.any(|(_, at)| now - at > bound)
    }
}

/// How many PO-Requests are said again to one peer at a time, where updates have up to `payload` bytes:
/// none after those that fill a batch.
fn said_again(payload: u64) -> u64 {
    let [updates, bytes] = [MAX_BATCH, MAX_BATCH_BYTES].map(|most| most as u64);
    let largest = bytes.min(updates.saturating_mul(payload.max(1)));
    AGAIN.min(bytes / largest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: ReplicaId = ReplicaId(1);
    const TWO: ReplicaId = ReplicaId(2);

    #[test]
    fn the_oldest_number_that_is_not_acknowledged_counts_until_it_must_be_gone() {
        let mut backlog = Backlog::new(1_000);
        backlog.gave_out(10, ONE, 1);
        backlog.gave_out(20, ONE, 1);
        backlog.gave_out(60, ONE, 2);
        backlog.gave_out(30, TWO, 1);
        assert!(!backlog.excuses(110, 100) && backlog.excuses(111, 100));
        backlog.acknowledged(&[(ONE, 1), (TWO, 0)].into());
        assert!(!backlog.excuses(130, 100) && backlog.excuses(131, 100));
        // The second is down, and what it gave out is owed to nobody.
        backlog.acknowledged(&[(ONE, 1)].into());
        assert!(!backlog.excuses(160, 100) && backlog.excuses(161, 100));
        assert!(backlog.excuses(999, 100) && !backlog.excuses(1_000, 100));
    }

    #[test]
    fn as_many_are_said_again_as_fill_a_batch_and_no_more_than_eight() {
        assert_eq!([16, 600, 4_000, 0].map(said_again), [8, 3, 1, 8]);
    }
}
