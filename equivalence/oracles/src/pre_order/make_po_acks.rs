//! What `pre_order.make_po_acks` must do.

use super::expected::Expected;
use crate::Finding;
use crate::effects::Order;
use prime::pre_order::State;
use wire::prime::{MAX_ACKS, PoAcks, Prime};
use wire::{Config, Effect, List, To};

/// PO-Acks go out aggregated (4.1, "Preordering Phase").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("make_po_acks", config, before);

    expected.since("empties unsent_acks and emits them in order, all messages but the last full");
    expected.acks_sent = true;
    let mut waiting = before.unsent_acks.iter().copied().peekable();
    while waiting.peek().is_some() {
        let acks = List::<_, MAX_ACKS>::take(&mut waiting);
        expected.send(To::All, PoAcks { acks });
    }
    expected.judge(after, Order::Fixed, effects)
}
