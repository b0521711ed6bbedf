//! A server asks how far away the others are.

use crate::suspect::{Effects, MAX_PINGS, State};
use slots::slot;
use wire::prime::RttPing;
use wire::{Time, To};

/// Pings every other server.
///
/// `state.ping_seq` grows by one (not beyond the highest number; so the first in a view is 1) and
/// `state.pings` gets it, with `now`; if more than [`MAX_PINGS`]
/// stand there, the lowest is removed. Emits the RTT-Ping (view, `ping_seq`) as `Send` to
/// `To::Others`.
///
/// Paper: 4.2, Figure 4, B1 to B3. Deviation: nobody pings himself.
///
/// Invariant: `ping_seq` never falls; at most `MAX_PINGS` pings are remembered, the newest among
/// them.
#[slot(suspect.make_ping)]
pub fn make_ping(state: &mut State, now: Time, effects: &mut Effects) {
    state.ping_seq = state.ping_seq.saturating_add(1);
    state.pings.insert(state.ping_seq, now);
    if state.pings.len() > MAX_PINGS {
        state.pings.pop_first();
    }
    effects.send(To::Others, RttPing { view: state.view, seq: state.ping_seq });
}
