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
/// Nothing happens while `now < state.request_at`. Otherwise a Catch-Up-Request with
/// `order.preinstalled`, `order.view` (installed), `order.ordered` and `order.retired` (executed) is
/// emitted as `Send` to `To::Others`, and `state.request_at`
/// becomes `now + timing.retransmit` if some number in `order.slots` exceeds `order.ordered`
/// (something is on its way) or another view than the installed one is
/// preinstalled, else `now + 10 * timing.retransmit`.
///
/// Paper: none. Deviation: none.
#[slot(catch_up.make_catch_up_request)]
pub fn make_catch_up_request(
    state: &mut State,
    config: &Config,
    now: Time,
    order: &order::State,
    effects: &mut Effects,
) {
    if now < state.request_at {
        return;
    }
    let waiting = order.slots.range(order.ordered.next()..).next().is_some() || !order.votes();
    let periods = if waiting { 1 } else { IDLE_PERIODS };
    state.request_at = now.after(periods * config.timing.retransmit);
    let (view, installed) = (order.preinstalled, order.view);
    let (ordered, executed) = (order.ordered, order.retired);
    effects.send(To::Others, CatchUpRequest { view, installed, ordered, executed });
}
