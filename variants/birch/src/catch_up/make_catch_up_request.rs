//! `catch_up.make_catch_up_request`: a word about oneself.

use prime::catch_up::State;
use prime::order;
use prime::pre_order::Effects;
use wire::prime::CatchUpRequest;
use wire::{Config, Time, To};

/// Whether something is on its way that may be lost.
fn on_its_way(order: &order::State) -> bool {
    order.preinstalled != order.view
        || order.slots.last_key_value().is_some_and(|(&seq, _)| seq > order.ordered)
}

/// Whether the others are to be told now.
fn due(state: &State, config: &Config, now: Time, order: &order::State) -> bool {
    now >= state.request_at
        || (now >= state.said_at.after(config.timing.retransmit) && on_its_way(order))
}

/// Tells the others how far this server is, when it is time.
pub fn make_catch_up_request(
    state: &mut State,
    config: &Config,
    now: Time,
    order: &order::State,
    effects: &mut Effects,
) {
    if due(state, config, now, order) {
        effects.send(
            To::Others,
            CatchUpRequest {
                view: order.preinstalled,
                installed: order.view,
                ordered: order.ordered,
                executed: order.retired,
            },
        );
        state.said_at = now;
        state.said = order.ordered;
        state.request_at = now.after(config.timing.retransmit.saturating_mul(10));
    }
}
