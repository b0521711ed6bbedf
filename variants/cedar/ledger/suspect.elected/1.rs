//! Whether votes elect a leader.

use std::collections::BTreeMap;

use wire::prime::{NewLeader, NewLeaderProof};
use wire::{Config, List, ReplicaId, Verified, View};

/// The votes for one view, by signer.
type Ballot<'a> = BTreeMap<ReplicaId, &'a Verified<NewLeader>>;

/// All votes for the highest view above `above` for which there are Q.
pub fn elected(
    config: &Config,
    votes: &[Option<Verified<NewLeader>>],
    above: View,
) -> Option<NewLeaderProof> {
    let mut ballots: BTreeMap<View, Ballot<'_>> = BTreeMap::new();
    for vote in votes.iter().flatten() {
        let view = vote.body().view;
        if view > above {
            ballots.entry(view).or_default().entry(vote.signer()).or_insert(vote);
        }
    }
    let need = config.quorum().max(1);
    ballots
        .into_values()
        .rev()
        .find(|ballot| ballot.len() >= need)
        .map(|ballot| NewLeaderProof {
            votes: List::take(&mut ballot.into_values().map(|vote| vote.signed().clone())),
        })
}
