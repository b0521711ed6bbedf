//! Whether the rows held here make anything eligible that the leader has left out.

use prime::order::eligible;
use prime::pre_order::{State, covers, last_matrix};
use wire::config::MAX_REPLICAS;
use wire::prime::Matrix;
use wire::{Config, PoSeq, ReplicaId};

/// True if the rows held here are not covered by `proposed` and, with those of blacklisted servers
/// taken from `proposed` itself, make some originator's update eligible beyond it.
pub fn has_news(state: &State, config: &Config, proposed: &Matrix) -> bool {
    let mut rows = last_matrix(state);
    if covers(&state.blacklist, proposed, &rows) {
        return false;
    }
    for i in 0..rows.rows.len() {
        if !state.blacklist.contains(&ReplicaId::from_index(i)) {
            continue;
        }
        rows.rows[i] = if i < proposed.rows.len() { proposed.rows[i].clone() } else { None };
    }
    let zeros = [PoSeq(0); MAX_REPLICAS];
    let n = config.size();
    let ours = eligible(config, &rows, &zeros[..n]);
    let theirs = eligible(config, proposed, &zeros[..n]);
    for o in 0..n {
        if ours[o] > theirs[o] {
            return true;
        }
    }
    false
}
