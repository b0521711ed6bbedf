//! A server says how far it is.

use prime::catch_up::State;
use prime::order;
use prime::pre_order::Effects;
use wire::prime::CatchUpRequest;
use wire::{Config, Time, To};

/// Whether something is on its way: a number beyond what is ordered, or another view.
fn expects(order: &order::State) -> bool {
    if order.preinstalled != order.view {
        return true;
    }
    match order.slots.last_key_value() {
        Some((&highest, _)) => highest > order.ordered,
        None => false,
    }
}

/// Tells the others how far this server has ordered, when it is time.
pub fn make_catch_up_request(
    state: &mut State,
    config: &Config,
    now: Time,
    order: &order::State,
    effects: &mut Effects,
) {
    let pause = config.timing.retransmit;
    let mut due = now >= state.request_at;
    if !due && now.0 >= state.said_at.0.saturating_add(pause) {
        due = expects(order);
    }
    if !due {
        return;
    }

    let request = CatchUpRequest {
        view: order.preinstalled,
        installed: order.view,
        ordered: order.ordered,
        executed: order.retired,
    };
    effects.send(To::Others, request);
    state.said_at = now;
    state.said = order.ordered;
    state.request_at = Time(now.0.saturating_add(pause.saturating_mul(10)));
}
