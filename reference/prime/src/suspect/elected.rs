//! Whether the votes elect a leader.

use slots::slot;
use std::collections::BTreeMap;
use wire::prime::{NewLeader, NewLeaderProof};
use wire::{Config, List, Verified, View};

/// Returns the proof that the highest view above `above` for which at least Q of `votes` stand was
/// voted for, if there is such a view: all votes for it, ascending by signer.
///
/// Requires: `votes` has N entries, entry i null or signed by server i.
///
/// Paper: 5.3, "Preliminaries" (a view is preinstalled when its leader is elected). Deviation: Q =
/// 2f+k+1, the report's 2f+1 for k = 0.
///
/// Invariant: whoever's votes it returns are distinct, ascending, all for one view above `above`,
/// and at least Q.
/// Invariant: more votes for a view never make the answer a lower view.
#[slot(suspect.elected)]
pub fn elected(
    config: &Config,
    votes: &[Option<Verified<NewLeader>>],
    above: View,
) -> Option<NewLeaderProof> {
    assert_eq!(votes.len(), config.size());
    let mut by_view: BTreeMap<View, Vec<_>> = BTreeMap::new();
    for vote in votes.iter().flatten().filter(|vote| vote.body().view > above) {
        by_view.entry(vote.body().view).or_default().push(vote.signed().clone());
    }
    let won = by_view.into_values().rev().find(|votes| votes.len() >= config.quorum())?;
    Some(NewLeaderProof { votes: List::new(won).expect("at most one for each replica") })
}
