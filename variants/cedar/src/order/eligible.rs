//! Each column as a list of what the servers acknowledge, of which the Q-th highest counts.

use std::cmp::Reverse;
use wire::prime::Matrix;
use wire::{Config, PoSeq};

/// What the servers acknowledge of the originator of row `column`; 0 where a row is null or short.
fn acknowledged(config: &Config, matrix: &Matrix, column: usize) -> Vec<PoSeq> {
    (0..config.size())
        .map(|row| {
            let row = matrix.rows.get(row).and_then(Option::as_ref);
            row.and_then(|row| row.body.vec.get(column)).copied().unwrap_or_default()
        })
        .collect()
}

/// What at least `quorum` of the servers acknowledge.
fn common(mut column: Vec<PoSeq>, quorum: usize) -> PoSeq {
    match quorum.checked_sub(1) {
        Some(place) if place < column.len() => {
            *column.select_nth_unstable_by_key(place, |entry| Reverse(*entry)).1
        }
        _ => PoSeq(0),
    }
}

/// Returns, by originator, up to which preorder number updates are eligible under `matrix`.
pub fn eligible(config: &Config, matrix: &Matrix, prefix: &[PoSeq]) -> Vec<PoSeq> {
    (0..config.size())
        .map(|column| {
            let before = prefix.get(column).copied().unwrap_or_default();
            before.max(common(acknowledged(config, matrix, column), config.quorum()))
        })
        .collect()
}
