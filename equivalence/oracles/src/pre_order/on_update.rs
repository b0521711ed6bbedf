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

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::{config, number, state, trips, update};
    use wire::prime::Prime;
    use wire::{Effect, Reject};

    fn rejected(reason: Reject) -> [Effect<Prime>; 1] {
        [Effect::Reject { from: None, reason }]
    }

    #[test]
    fn an_update_is_queued_and_remembered() {
        let (config, before) = (config(), state());
        let new = update(1, 5, b"x");
        let mut after = before.clone();
        after.pending.push_back(new.clone());
        after.preordered.insert(number(1, 5));
        assert_eq!(check(&config, &before, &new, &after, &[]), Ok(()));
        let mut forgotten = after.clone();
        forgotten.preordered.clear();
        trips(check(&config, &before, &new, &forgotten, &[]), "preordered");
        let mut lost = after.clone();
        lost.pending.clear();
        trips(check(&config, &before, &new, &lost, &[]), "pending");
        let mut changed = after;
        changed.pending[0] = update(1, 5, b"y");
        trips(check(&config, &before, &new, &changed, &[]), "pending");
    }

    #[test]
    fn duplicates_come_before_full_queues_and_full_shares() {
        let (mut config, mut before) = (config(), state());
        config.windows.pending = 2;
        before.pending = [update(1, 1, b"x"), update(2, 1, b"x")].into();
        before.preordered = [number(1, 1), number(2, 1)].into();
        let (known, new) = (update(1, 1, b"y"), update(3, 1, b"x"));
        let (duplicate, full) = (rejected(Reject::Duplicate), rejected(Reject::Full));
        assert_eq!(check(&config, &before, &known, &before, &duplicate), Ok(()));
        trips(check(&config, &before, &known, &before, &full), "effect 0");
        assert_eq!(check(&config, &before, &new, &before, &full), Ok(()));

        before.pending.clear();
        let second = update(1, 2, b"x");
        assert_eq!(check(&config, &before, &second, &before, &full), Ok(()));
        trips(check(&config, &before, &new, &before, &full), "effect 0");
        config.windows.pending = 32;
        trips(check(&config, &before, &second, &before, &full), "effect 0");
    }
}
