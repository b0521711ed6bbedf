//! Drops what a stable checkpoint covers.

use prime::recon::Identifier;
use prime::recon::State;
use wire::PoSeq;

/// Drops everything about identifiers at or below `covered`.
pub fn forget(state: &mut State, covered: &[PoSeq]) {
    state.archive.retain(|identifier, _| above(covered, *identifier));
    state.sent.retain(|identifier, _| above(covered, *identifier));
    state.want.retain(|identifier, _| above(covered, *identifier));
    state
        .parts
        .iter_mut()
        .for_each(|held| held.retain(|identifier, _| above(covered, *identifier)));
}

/// Whether the identifier is not covered.
fn above(covered: &[PoSeq], (originator, seq): Identifier) -> bool {
    usize::from(originator.0)
        .checked_sub(1)
        .and_then(|row| covered.get(row))
        .is_none_or(|end| seq > *end)
}
