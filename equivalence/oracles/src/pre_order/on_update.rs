//! What `pre_order.on_update` must do.

use super::expected::Expected;
use crate::Finding;
use crate::effects::Order;
use prime::pre_order::State;
use wire::prime::Prime;
use wire::{ClientId, ClientSeq, Config, Effect, Reject, Update, Verified};

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
    } else if before.pending.len() as u64 >= config.windows.pending
        || share_used(config, before, number.0)
    {
        expected.since("rejects Full if pending is full or the client has its share");
        expected.reject(None, Reject::Full);
    } else {
        expected.since("the update is appended to pending, its number enters preordered");
        expected.queued = Some(update);
        expected.entered.insert(number);
    }
    expected.judge(after, Order::Fixed, effects)
}

/// Whether `preordered` holds as many numbers of `client` as one client may have: a sixteenth of
/// the window, at least one.
fn share_used(config: &Config, before: &State, client: ClientId) -> bool {
    let numbers = (client, ClientSeq(0))..=(client, ClientSeq(u64::MAX));
    let used = before.preordered.range(numbers).count() as u64;
    used >= (config.windows.pending / 16).max(1)
}
