//! The canonical encoding of the whole state.

use prime::execute::State;
use wire::codec;

/// Returns the canonical encoding of the whole state.
pub fn snapshot(state: &State) -> Vec<u8> {
    codec::encode(state)
}
