//! One question for every map: whether an identifier lies beyond what is covered.

use prime::recon::{Identifier, State};
use wire::PoSeq;

/// Whether the identifier stays: it is above its originator's entry, or there is none.
fn stays(covered: &[PoSeq], (originator, seq): Identifier) -> bool {
    usize::from(originator.0)
        .checked_sub(1)
        .and_then(|row| covered.get(row))
        .is_none_or(|upto| seq > *upto)
}

/// Drops everything about identifiers at or below `covered`.
pub fn forget(state: &mut State, covered: &[PoSeq]) {
    state.archive.retain(|identifier, _| stays(covered, *identifier));
    state.sent.retain(|identifier, _| stays(covered, *identifier));
    state.want.retain(|identifier, _| stays(covered, *identifier));
    for parts in &mut state.parts {
        parts.retain(|identifier, _| stays(covered, *identifier));
    }
}
