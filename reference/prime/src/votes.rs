//! Votes that are counted by sender: the first of each stays; and what Q servers vouch for.

use std::collections::BTreeMap;
use wire::{Config, PoSeq, Reject, ReplicaId};

/// Keeps `vote` as the one of `sender`, if it is the first.
///
/// # Errors
/// Nothing changed: `Duplicate` if the vote held is equal, `Equivocation` if it is another.
pub fn keep_first<V: PartialEq>(
    votes: &mut BTreeMap<ReplicaId, V>,
    sender: ReplicaId,
    vote: V,
) -> Result<(), Reject> {
    match votes.get(&sender) {
        Some(held) if *held == vote => Err(Reject::Duplicate),
        Some(_) => Err(Reject::Equivocation),
        None => {
            votes.insert(sender, vote);
            Ok(())
        }
    }
}

/// The Q-th largest of N entries, whose order it changes.
#[must_use]
pub fn quorum_entry(config: &Config, entries: &mut [PoSeq]) -> PoSeq {
    let (_, entry, _) = entries.select_nth_unstable_by(config.quorum() - 1, |a, b| b.cmp(a));
    *entry
}
