//! What a stable checkpoint covers is dropped.

use std::collections::BTreeMap;

use prime::recon::{Identifier, State};
use wire::PoSeq;

/// Whether the identifier is at or below `covered`.
fn is_covered(identifier: Identifier, covered: &[PoSeq]) -> bool {
    let (originator, seq) = identifier;
    if let Some(at) = usize::from(originator.0).checked_sub(1)
        && let Some(entry) = covered.get(at)
    {
        return seq <= *entry;
    }
    false
}

/// Drops what is covered: one by one if it is little, else what stays is put together anew.
fn sweep<T>(map: &mut BTreeMap<Identifier, T>, covered: &[PoSeq]) {
    let mut gone = Vec::new();
    for (identifier, _) in &*map {
        if is_covered(*identifier, covered) {
            gone.push(*identifier);
        }
    }
    if gone.is_empty() {
        return;
    }
    if gone.len() == map.len() {
        map.clear();
        return;
    }
    if gone.len() < map.len() / 8 {
        for identifier in gone {
            map.remove(&identifier);
        }
        return;
    }
    let mut rest = Vec::with_capacity(map.len() - gone.len());
    for (identifier, value) in std::mem::take(map) {
        if !is_covered(identifier, covered) {
            rest.push((identifier, value));
        }
    }
    *map = BTreeMap::from_iter(rest);
}

/// Drops everything about identifiers at or below `covered`.
pub fn forget(state: &mut State, covered: &[PoSeq]) {
    sweep(&mut state.archive, covered);
    sweep(&mut state.sent, covered);
    for parts in &mut state.parts {
        sweep(parts, covered);
    }
    sweep(&mut state.want, covered);
}
