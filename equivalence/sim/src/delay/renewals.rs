//! Numbers that correct originators pass over for the sake of others.

use super::wait;
use crate::parameters::Parameters;
use std::collections::BTreeMap;
use wire::ReplicaId;

/// A life of a correct replica.
struct Renewal {
    announced: u64,
    /// When it originated something above the numbers that were passed over with it.
    over: Option<u64>,
}

/// When correct replicas announced lives, and how often they may.
pub(crate) struct Renewals {
    /// How many in `span`: one for each server that may announce a life of its own.
    allowed: usize,
    /// Unit: microseconds.
    span: u64,
    /// How long it takes until a number is said again that somebody did not keep. Unit: microseconds.
    again: u64,
    /// Those that are allowed, in order, and how many were counted of each kind.
    of: BTreeMap<ReplicaId, (Vec<Renewal>, (u64, u64))>,
}

impl Renewals {
    /// So many in `span` microseconds; a number is said again within `again`.
    pub(crate) fn new(allowed: usize, span: u64, again: u64) -> Self {
        Self { allowed, span, again, of: BTreeMap::new() }
    }

    /// What a run allows.
    pub(crate) fn of(parameters: &Parameters) -> Self {
        let others = parameters.faulty.len() + usize::from(parameters.crashes.lost_disk);
        let timing = &parameters.config.timing;
        Self::new(others, timing.renewal, 2 * wait(&parameters.hosts, timing.retransmit))
    }

    /// `replica` has announced so many lives, and gone on above numbers passed over so often.
    pub(crate) fn saw(&mut self, now: u64, replica: ReplicaId, counts: (u64, u64)) {
        let (held, seen) = self.of.entry(replica).or_default();
        if counts.1 > seen.1
            && let Some(last) = held.iter_mut().find(|renewal| renewal.over.is_none())
        {
            last.over = Some(now);
        }
        let recent = |renewal: &&Renewal| now - renewal.announced < self.span;
        if counts.0 > seen.0 && held.iter().filter(recent).count() < self.allowed {
            held.push(Renewal { announced: now, over: None });
        }
        *seen = counts;
    }

    /// How much longer than `bound` an update may take that `originator` took at `began`. Its number may
    /// have been passed over if a life was announced before it must have been executed, which is `bound`
    /// later, and the originator had not gone on above it yet: then it begins again. The number with which
    /// the originator goes on may lie beyond what others keep, who did not execute the life yet: then that
    /// is said again, and others wait behind it.
    pub(crate) fn grant(&self, originator: ReplicaId, began: u64, bound: u64) -> u64 {
        let Some((held, _)) = self.of.get(&originator) else { return 0 };
        let met = held.iter().filter(|renewal| renewal.announced <= began.saturating_add(bound));
        let of_one = |renewal: &Renewal| match renewal.over {
            Some(over) if began > over.saturating_add(self.again) => 0,
            Some(over) if began > over => self.again,
            _ => bound + self.again,
        };
        met.map(of_one).max().unwrap_or(0)
    }
}
