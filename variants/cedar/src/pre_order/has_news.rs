//! Whether the leader can be reminded of anything.

use prime::order::eligible;
use prime::pre_order::{State, covers, last_matrix};
use wire::prime::Matrix;
use wire::{Config, PoSeq};

/// Overwrites the rows of the blacklisted with the proposed ones and compares what is eligible.
pub fn has_news(state: &State, config: &Config, proposed: &Matrix) -> bool {
    let mut mine = last_matrix(state);
    if covers(&state.blacklist, proposed, &mine) {
        return false;
    }
    for culprit in &state.blacklist {
        if config.is_replica(*culprit) {
            let theirs = proposed.rows.get(culprit.index()).cloned();
            mine.rows[culprit.index()] = theirs.flatten();
        }
    }
    let proposed_upto = eligible(config, proposed, &vec![PoSeq(0); config.size()]);
    // With the proposed prefix as a floor, whatever exceeds it is news.
    eligible(config, &mine, &proposed_upto) != proposed_upto
}
