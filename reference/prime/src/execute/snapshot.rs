//! The replicated state as bytes.

use crate::execute::State;
use slots::slot;
use wire::codec;

/// Returns the canonical encoding of the whole state.
///
/// Borsh of, in order: `prefix` (as a list), `executed`, `index`, and `clients` (as a list,
/// ascending by client) with, for each, `low`, `replies` and `held` (each ascending by number).
///
/// Invariant: equal states give equal bytes, and [`restore_tables`](super::restore_tables) of them
/// gives the state back.
/// Paper: none; the report has no checkpoints. Deviation: none.
#[slot(execute.snapshot)]
#[must_use]
pub fn snapshot(state: &State) -> Vec<u8> {
    codec::encode_long(state)
}
