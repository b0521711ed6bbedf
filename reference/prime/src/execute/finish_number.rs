//! A global number is done.

use crate::execute::State;
use slots::slot;
use wire::{Config, PoSeq, Seq};

/// Notes that everything that `seq` made eligible was executed.
///
/// Requires: `seq` is `state.executed + 1`; `new` has N entries, none below that of `state.prefix` (for a
/// no-op it equals it).
///
/// `state.prefix` becomes `new`, `state.executed` becomes `seq`. Emits nothing; the client tables stay.
///
/// Paper: 4.1, "Global Ordering Phase". Deviation: none.
///
/// Invariant: `executed` grows by one, and no entry of `prefix` falls; `index` and `clients` never
/// change.
#[slot(execute.finish_number)]
pub fn finish_number(state: &mut State, config: &Config, seq: Seq, new: &[PoSeq]) {
    assert_eq!(seq, state.executed.next());
    assert_eq!(new.len(), config.size());
    assert!(state.prefix.iter().zip(new).all(|(old, new)| old <= new));
    state.prefix = new.to_vec();
    state.executed = seq;
}
