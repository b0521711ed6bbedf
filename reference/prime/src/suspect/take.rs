//! How much of its own measuring a server may ask others to follow.

use crate::suspect::{State, allowance};
use slots::slot;
use wire::monitoring::Monitoring;
use wire::{Config, ReplicaId, Time};

/// Says whether one more message of `sender` may be taken, and counts it if so.
///
/// First, if `now` is `rules.period` or more after `state.counted_from`, that becomes `now` and `taken`
/// becomes 0 in every entry. Then, if `taken[sender]` is below [`allowance`], it grows by one and the
/// answer is true; otherwise nothing more happens and the answer is false.
///
/// Paper: none. Deviation: none.
///
/// Invariant: no more than `allowance` messages of one sender are taken in one period; what one
/// sender says takes nothing from another.
#[slot(suspect.take)]
pub fn take(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    sender: ReplicaId,
) -> bool {
    if now.since(state.counted_from) >= rules.period {
        state.counted_from = now;
        state.taken.fill(0);
    }
    let taken = &mut state.taken[sender.index()];
    let room = *taken < allowance(config);
    *taken += u32::from(room);
    room
}
