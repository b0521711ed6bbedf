//! Updates that are on their way, and what was answered to them so far.

use crate::ClientError;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;
use wire::client::Outcome;
use wire::{ClientSeq, ReplicaId, Signed, Update};

/// Whoever waits for an answer.
pub(crate) type Asker = oneshot::Sender<Result<Vec<u8>, ClientError>>;

/// One update on its way.
pub(crate) struct Pending {
    pub(crate) update: Signed<Update>,
    /// `None` for an update of an earlier life.
    pub(crate) asker: Option<Asker>,
    /// Who gave which answer.
    votes: BTreeMap<Outcome, BTreeSet<ReplicaId>>,
    /// When to send it again.
    pub(crate) again: Instant,
    /// How long to wait after that.
    pub(crate) pause: Duration,
}

impl Pending {
    pub(crate) fn new(update: Signed<Update>, asker: Option<Asker>, pause: Duration) -> Self {
        Self { update, asker, votes: BTreeMap::new(), again: Instant::now() + pause, pause }
    }
}

/// All updates on their way. As many as the driver lets in.
#[derive(Default)]
pub(crate) struct Table(pub(crate) BTreeMap<ClientSeq, Pending>);

impl Table {
    /// Counts an authentic answer; gives the outcome once `needed` replicas agree on it.
    pub(crate) fn vote(
        &mut self,
        seq: ClientSeq,
        from: ReplicaId,
        outcome: &Outcome,
        needed: usize,
    ) -> Option<(Pending, Outcome)> {
        let pending = self.0.get_mut(&seq)?;
        // One answer a replica: a liar cannot make us keep many.
        if pending.votes.values().any(|voters| voters.contains(&from)) {
            return None;
        }
        let voters = match pending.votes.get_mut(outcome) {
            Some(voters) => voters,
            None => pending.votes.entry(outcome.clone()).or_default(),
        };
        voters.insert(from);
        if voters.len() < needed {
            return None;
        }
        let pending = self.0.remove(&seq)?;
        Some((pending, outcome.clone()))
    }

    /// Updates whose time to be sent again has come at `now`; sets the next time.
    pub(crate) fn due(&mut self, now: Instant, longest: Duration) -> Vec<Signed<Update>> {
        let due = self.0.values_mut().filter(|pending| pending.again <= now);
        due.map(|pending| {
            pending.pause = (pending.pause * 2).min(longest);
            pending.again = now + pending.pause;
            pending.update.clone()
        })
        .collect()
    }
}
