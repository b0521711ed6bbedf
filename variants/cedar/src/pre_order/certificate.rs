//! When acknowledgements bind an identifier.

use prime::pre_order::PoSlot;
use wire::{Config, Digest, ReplicaId};

/// Holds an election between the at most two candidates whose content is here.
pub fn certificate(config: &Config, originator: ReplicaId, slot: &PoSlot) -> Option<Digest> {
    let request = slot.request.as_ref().map(|request| request.digest());
    let adopted = slot.adopted.as_ref().map(|content| content.digest);
    let elected = |candidate: Option<Digest>| {
        let digest = candidate?;
        let mut missing = config.votes_beside_proposer();
        for (voter, vote) in &slot.acks {
            let counts = *voter != originator && *vote == digest;
            missing = missing.saturating_sub(usize::from(counts));
        }
        (missing == 0).then_some(digest)
    };
    let winner = match (elected(request), elected(adopted)) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    slot.certified.or(winner)
}
