//! Old content is dropped.

use crate::recon::{Identifier, State};
use slots::slot;
use wire::PoSeq;

/// Drops everything about identifiers (o, s) with s at or below entry o of `covered`: in `archive`,
/// `sent`, `parts` and `want`. A stable checkpoint covers them, and whoever lacks them is given the state
/// instead. `answered` stays. Emits nothing.
///
/// Requires: `covered` has N entries.
///
/// Paper: none; the report keeps everything. Deviation: none.
///
/// Invariant: for all originators and numbers at or below `covered` nothing is left anywhere;
/// everything above stays as it was, and so does `answered`.
/// Invariant: to forget twice is to forget once.
#[slot(recon.forget)]
pub fn forget(state: &mut State, covered: &[PoSeq]) {
    assert_eq!(covered.len(), state.parts.len());
    let needed = |(originator, seq): &Identifier| {
        covered.get(originator.index()).is_none_or(|upto| seq > upto)
    };
    state.archive.retain(|identifier, _| needed(identifier));
    state.sent.retain(|identifier, _| needed(identifier));
    state.want.retain(|identifier, _| needed(identifier));
    for parts in &mut state.parts {
        parts.retain(|identifier, _| needed(identifier));
    }
}
