//! What `pre_order.on_po_aru` must do.

use super::expected::Expected;
use crate::Finding;
use crate::effects::Order;
use prime::pre_order::State;
use wire::prime::{PoAru, Prime};
use wire::{Config, Effect, Reject, Verified};

/// A PO-ARU is merged (4.1, "Preordering Phase").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<PoAru>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("on_po_aru", config, before);

    if message.body().vec.len() == config.size() {
        expected.since("the row is merged by merge_row, and that is all");
        expected.merge(message.signed(), |_| message.digest());
    } else {
        expected.since("rejects Invalid if the vector has not exactly N entries");
        expected.reject(Some(message.signer()), Reject::Invalid);
    }
    expected.judge(after, Order::Fixed, effects)
}
