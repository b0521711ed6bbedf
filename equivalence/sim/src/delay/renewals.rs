//! Numbers that correct originators pass over for the sake of others.

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
    /// Those that are allowed, in order, and how many were counted of each kind.
    of: BTreeMap<ReplicaId, (Vec<Renewal>, (u64, u64))>,
}

impl Renewals {
    /// So many in `span` microseconds.
    pub(crate) fn new(allowed: usize, span: u64) -> Self {
        Self { allowed, span, of: BTreeMap::new() }
    }

    /// What a run allows.
    pub(crate) fn of(parameters: &Parameters) -> Self {
        let others = parameters.faulty.len() + usize::from(parameters.crashes.lost_disk);
        Self::new(others, parameters.config.timing.renewal)
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

    /// Whether the number of an update that `originator` took at `began` may have been passed over: if a
    /// life was announced before the update must have been executed, which is `bound` later, and the
    /// originator had not gone on above it yet.
    pub(crate) fn meet(&self, originator: ReplicaId, began: u64, bound: u64) -> bool {
        let Some((held, _)) = self.of.get(&originator) else { return false };
        held.iter().any(|renewal| {
            renewal.announced <= began.saturating_add(bound)
                && renewal.over.is_none_or(|over| began <= over)
        })
    }
}
