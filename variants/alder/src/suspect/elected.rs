//! Whether votes elect a leader.

use wire::prime::{NewLeader, NewLeaderProof};
use wire::{Config, List, Verified, View};

/// The highest number above `above` that stands at least `least` times in `views`, by scanning
/// runs of the sorted numbers from the top.
fn highest(views: &mut [u64], least: usize) -> Option<u64> {
    views.sort_unstable();
    let mut run_of = 0u64;
    let mut run = 0usize;
    let mut at = views.len();
    while at > 0 {
        at -= 1;
        let Some(&view) = views.get(at) else {
            return None;
        };
        if run > 0 && view == run_of {
            run += 1;
        } else {
            run_of = view;
            run = 1;
        }
        if run >= least {
            return Some(run_of);
        }
    }
    None
}

/// The proof of the highest view above `above` that at least Q votes ask for, if there is one.
pub fn elected(
    config: &Config,
    votes: &[Option<Verified<NewLeader>>],
    above: View,
) -> Option<NewLeaderProof> {
    let quorum = config.quorum();

    let mut views: Vec<u64> = Vec::with_capacity(votes.len());
    for slot in votes {
        if let Some(vote) = slot {
            let view = vote.body().view;
            if view > above {
                views.push(view.0);
            }
        }
    }
    if views.len() < quorum {
        return None;
    }
    let view = View(highest(&mut views, quorum)?);

    let mut chosen = Vec::with_capacity(views.len());
    for slot in votes {
        if let Some(vote) = slot {
            if vote.body().view == view {
                chosen.push(vote.signed().clone());
            }
        }
    }
    match List::new(chosen) {
        Ok(votes) => Some(NewLeaderProof { votes }),
        Err(_) => None,
    }
}
