//! Tells the others how far this server has ordered.

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
    let reasons = [now >= state.request_at, rested && on_its_way(order)];
    if !reasons.contains(&true) {
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

/// Whether a number above those that are ordered is known, or another view than the installed one is
/// preinstalled.
fn on_its_way(order: &order::State) -> bool {
    let number = order.slots.last_key_value().is_some_and(|(seq, _)| *seq > order.ordered);
    number || order.preinstalled != order.view
}
