//! What `pre_order.on_update` must do.

use super::expected::Expected;
use crate::Finding;
use crate::effects::Order;
use prime::pre_order::State;
use wire::prime::Prime;
use wire::{Config, Effect, Reject, Update, Verified};

/// A client's update is queued (4.1, "Preordering Phase").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    update: &Verified<Update>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("on_update", config, before);

    let number = (update.signer(), update.body().seq);
    if before.preordered.contains(&number) {
        expected.since("rejects Duplicate if (client, number) stands in preordered");
        expected.reject(None, Reject::Duplicate);
    } else if before.pending.len() as u64 >= config.windows.pending {
        expected.since("rejects Full if pending holds windows.pending updates already");
        expected.reject(None, Reject::Full);
    } else {
        expected.since("the update is appended to pending, its number enters preordered");
        expected.queued = Some(update);
        expected.entered.insert(number);
    }
    expected.judge(after, Order::Fixed, effects)
}
