//! Whether votes elect a leader.

use std::collections::BTreeMap;

use wire::prime::{NewLeader, NewLeaderProof};
use wire::{Config, List, Verified, View};

/// The votes for one view, in the order of their entries, which is that of the signers.
type Ballot<'a> = Vec<&'a Verified<NewLeader>>;

/// All votes for the highest view above `above` for which there are Q.
pub fn elected(
    config: &Config,
    votes: &[Option<Verified<NewLeader>>],
    above: View,
) -> Option<NewLeaderProof> {
    let mut ballots: BTreeMap<View, Ballot<'_>> = BTreeMap::new();
    for vote in votes.iter().flatten().filter(|vote| vote.body().view > above) {
        ballots.entry(vote.body().view).or_default().push(vote);
    }
    let need = config.quorum();
    ballots
        .into_values()
        .rev()
        .find(|ballot| ballot.len() >= need)
        .map(|ballot| NewLeaderProof {
            votes: List::take(&mut ballot.into_iter().map(|vote| vote.signed().clone())),
        })
}
