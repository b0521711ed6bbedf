//! The leader proposed something.

use prime::pre_order::covers;
use prime::suspect::{Awaited, Measurement, State};
use std::collections::BTreeSet;
use std::mem;
use wire::prime::Matrix;
use wire::{Monitoring, ReplicaId, Time};

/// Bits in a word of the set of places.
const WORD: usize = 64;

/// Ends every measurement whose matrix `preceding` covers.
pub fn on_proposal(
    state: &mut State,
    rules: &Monitoring,
    now: Time,
    blacklist: &BTreeSet<ReplicaId>,
    preceding: &Matrix,
) {
    // Decide: a set of the places in `open` that end, one bit each.
    let total = state.open.len();
    let mut ended: Vec<u64> = vec![0; total.div_ceil(WORD)];
    let mut count = 0usize;
    let mut place = 0usize;
    for measurement in &state.open {
        if let Awaited::Matrix(matrix) = &measurement.awaited {
            if covers(blacklist, preceding, matrix) {
                if let Some(word) = ended.get_mut(place / WORD) {
                    *word |= 1u64 << (place % WORD);
                    count += 1;
                }
            }
        }
        place += 1;
    }

    // Act.
    if count > 0 {
        let all = mem::take(&mut state.open);
        let mut kept: Vec<Measurement> = Vec::with_capacity(total - count);
        let mut place = 0usize;
        for measurement in all {
            let word = match ended.get(place / WORD) {
                Some(&word) => word,
                None => 0,
            };
            if word >> (place % WORD) & 1 == 1 {
                let age = now.0.saturating_sub(measurement.since.0);
                prime::suspect::keep_sample(state, rules, now, age);
            } else {
                kept.push(measurement);
            }
            place += 1;
        }
        state.open = kept;
    }
    if state.open.is_empty() {
        state.watch_at = None;
    }
}
