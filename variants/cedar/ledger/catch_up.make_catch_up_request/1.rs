//! Tells the others how far this server has ordered.

use std::ops::Bound::{Excluded, Unbounded};

use prime::catch_up::State;
use prime::order;
use prime::pre_order::Effects;
use wire::prime::CatchUpRequest;
use wire::{Config, Time, To};

/// In how many times `timing.retransmit` the next word goes out at the latest.
const PATIENCE: u64 = 10;

/// Says it, if it is time.
pub fn make_catch_up_request(
    state: &mut State,
    config: &Config,
    now: Time,
    order: &order::State,
    effects: &mut Effects,
) {
    let pause = config.timing.retransmit;
    let rested = now.0 >= state.said_at.0.saturating_add(pause);
    let due = now >= state.request_at || (rested && lacks(order));
    if !due {
        return;
    }
    state.said_at = now;
    state.said = order.ordered;
    state.request_at = Time(now.0.saturating_add(pause.saturating_mul(PATIENCE)));
    effects.send(
        To::Others,
        CatchUpRequest {
            view: order.preinstalled,
            installed: order.view,
            ordered: order.ordered,
            executed: order.retired,
        },
    );
}

/// Whether a number above those that are ordered is committed, so that one below it is lacking.
fn lacks(order: &order::State) -> bool {
    order
        .slots
        .range((Excluded(order.ordered), Unbounded))
        .any(|(_, slot)| slot.committed)
}
