//! `suspect.elected`: votes sorted by view, each view's in their order, the last run that is long enough.

use wire::prime::{NewLeader, NewLeaderProof};
use wire::{Config, List, Verified, View};

/// The proof for the highest view above `above` with a quorum of votes.
pub fn elected(
    config: &Config,
    votes: &[Option<Verified<NewLeader>>],
    above: View,
) -> Option<NewLeaderProof> {
    let mut sorted: Vec<&Verified<NewLeader>> =
        votes.iter().flatten().filter(|vote| vote.body().view > above).collect();
    sorted.sort_by_key(|vote| vote.body().view);
    sorted
        .chunk_by(|one, next| one.body().view == next.body().view)
        .rfind(|run| run.len() >= config.quorum())
        .map(|run| NewLeaderProof {
            votes: List::take(&mut run.iter().map(|vote| vote.signed().clone())),
        })
}
