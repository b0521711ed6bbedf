//! What `pre_order.recover_content` must do.

use super::expected::Expected;
use crate::Finding;
use prime::pre_order::{Content, State};
use wire::{Config, ReplicaId};

/// Content that the log's Reconciliation parts prove is taken back.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    originator: ReplicaId,
    content: &Content,
    after: &State,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("recover_content", config, before);

    if content.body.seq <= expected.retired(originator) {
        expected.since("nothing happens if s is at or below the column's retired");
    } else {
        expected.since("the slot gets certified = the digest, adopted = the content");
        expected.bind(originator, content);
    }
    expected.judge_state(after)
}
