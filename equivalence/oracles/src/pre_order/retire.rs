//! What `pre_order.retire` must do.

use super::definitions::{content_of, numbers};
use super::expected::Expected;
use crate::Finding;
use prime::pre_order::State;
use wire::{Config, PoSeq, ReplicaId};

/// Slots that were executed are dropped.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    executed: &[PoSeq],
    after: &State,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("retire", config, before);

    expected.since("slots up to executed[o] go, their numbers leave preordered and pending");
    for ((index, column), &executed) in before.columns.iter().enumerate().zip(executed) {
        let dropped = column.slots.range(..=executed).filter_map(|(_, slot)| content_of(slot));
        expected.left.extend(dropped.flat_map(|(_, request)| numbers(request)));
        let column = expected.column_mut(ReplicaId::from_index(index));
        column.retired = column.retired.max(executed);
        column.aru = column.aru.max(executed);
    }
    expected.judge_state(after)
}
