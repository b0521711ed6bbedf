//! What `pre_order.retire` must do.

use super::definitions::{content_of, held, numbers};
use super::expected::Expected;
use crate::Finding;
use prime::pre_order::{PoSlot, State};
use wire::prime::PoRequest;
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
        let o = ReplicaId::from_index(index);
        let dropped = column.slots.range(..=executed).map(|(_, slot)| slot);
        let requests = dropped.filter_map(|slot| finished(slot, o == before.me));
        expected.left.extend(requests.flat_map(numbers));
        let column = expected.column_mut(o);
        column.retired = column.retired.max(executed);
        column.aru = column.aru.max(executed);
    }
    for (o, column) in config.replicas().zip(&before.columns) {
        if expected.aru(o) > column.aru {
            expected.advance(o);
        }
    }
    expected.judge_state(after)
}

/// The request whose updates are over when a slot is dropped: the certified content, and of an own
/// slot without one what is held, adopted content first.
fn finished(slot: &PoSlot, own: bool) -> Option<&PoRequest> {
    let certified = content_of(slot).map(|(_, request)| request);
    certified.or_else(|| held(slot).filter(|_| own).map(|(_, request)| request).last())
}
