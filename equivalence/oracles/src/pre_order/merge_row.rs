//! What `pre_order.merge_row` must do.

use super::expected::Expected;
use crate::Finding;
use crate::effects::Order;
use prime::pre_order::State;
use wire::prime::{PoAru, Prime};
use wire::{Config, Effect, Verified};

/// `Last_PO_Aru[]` keeps the most up-to-date row of each server (4.1; 4.2, "Blacklisting Servers").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    row: &Verified<PoAru>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("merge_row", config, before);

    expected.since("newer replaces, same and older change nothing, inconsistent blacklists");
    expected.merge(row.signed(), |_| row.digest());
    expected.judge(after, Order::Fixed, effects)
}
