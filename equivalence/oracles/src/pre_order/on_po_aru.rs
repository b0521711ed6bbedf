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

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::{aru, config, reject, state, trips};
    use wire::{Reject, ReplicaId};

    #[test]
    fn a_row_is_merged_however_far_ahead_and_whoever_signed_it() {
        let (config, mut before) = (config(), state());
        before.blacklist.insert(ReplicaId(2));
        let row = aru(2, &[1 << 40, 0, 0, 0]);
        let mut after = before.clone();
        after.rows[1] = Some(row.clone());
        assert_eq!(check(&config, &before, &row, &after, &[]), Ok(()));
        let effects = [reject(2, Reject::BeyondWindow)];
        trips(check(&config, &before, &row, &before, &effects), "effect 0");
        trips(check(&config, &before, &row, &before, &[]), "rows[r2]");
    }

    #[test]
    fn a_vector_of_another_length_is_invalid() {
        let (config, before) = (config(), state());
        let row = aru(2, &[1, 0, 0]);
        let effects = [reject(2, Reject::Invalid)];
        assert_eq!(check(&config, &before, &row, &before, &effects), Ok(()));
        let mut after = before.clone();
        after.rows[1] = Some(row.clone());
        trips(check(&config, &before, &row, &after, &[]), "effects");
        trips(check(&config, &before, &row, &after, &effects), "rows[r2]");
    }
}
