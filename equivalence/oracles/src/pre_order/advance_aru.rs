//! What `pre_order.advance_aru` must do.

use super::expected::Expected;
use crate::Finding;
use prime::pre_order::State;
use wire::{Config, ReplicaId};

/// The gap-free certified prefix `PO_Aru[o]` (4.1, "Preordering Phase").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    originator: ReplicaId,
    after: &State,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("advance_aru", config, before);

    expected.since("walks from aru + 1 upwards, stops at the first number without a certificate");
    expected.advance(originator);
    expected.judge_state(after)
}
