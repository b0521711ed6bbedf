//! A server says how far it is.

use crate::catch_up::State;
use crate::order;
use crate::pre_order::Effects;
use slots::slot;
use wire::prime::CatchUpRequest;
use wire::{Config, Time, To};

/// Periods of `timing.retransmit` between two words while nothing seems to be missing.
const IDLE_PERIODS: u64 = 10;

/// Tells the others how far this server has ordered, when it is time.
///
/// It is time if `now >= state.request_at`; or if something is on its way (some number in `order.slots`
/// exceeds `order.ordered`, or another view than the installed one is preinstalled) and
/// `now >= state.said_at + timing.retransmit`. Otherwise nothing happens.
///
/// If it is time, a Catch-Up-Request with `order.preinstalled`, `order.view` (installed),
/// `order.ordered` and `order.retired` (executed) is emitted as `Send` to `To::Others`; `state.said_at`
/// becomes `now`, `state.said` becomes `order.ordered`, and `state.request_at` becomes
/// `now + 10 * timing.retransmit`.
///
/// Paper: none. Deviation: none.
///
/// Invariant: at most one word a call, and never two within less than `timing.retransmit` unless
/// `request_at` came.
/// Invariant: the archive and what was answered never change.
#[slot(catch_up.make_catch_up_request)]
pub fn make_catch_up_request(
    state: &mut State,
    config: &Config,
    now: Time,
    order: &order::State,
    effects: &mut Effects,
) {
    let open = order.slots.range(order.ordered.next()..).next().is_some();
    let waiting = open || order.preinstalled != order.view;
    let lapsed = now >= state.said_at.after(config.timing.retransmit);
    if now < state.request_at && !(waiting && lapsed) {
        return;
    }
    state.request_at = now.after(IDLE_PERIODS * config.timing.retransmit);
    (state.said_at, state.said) = (now, order.ordered);
    let (view, installed) = (order.preinstalled, order.view);
    let (ordered, executed) = (order.ordered, order.retired);
    effects.send(To::Others, CatchUpRequest { view, installed, ordered, executed });
}
