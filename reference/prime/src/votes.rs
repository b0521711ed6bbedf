//! Votes that are counted by sender: the first of each stays.

use std::collections::BTreeMap;
use wire::{Reject, ReplicaId};

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
