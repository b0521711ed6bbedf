//! What `pre_order.has_news` must answer.

use super::definitions::eligible_of;
use crate::Finding;
use prime::pre_order::State;
use wire::prime::Matrix;
use wire::{Config, PoSeq, ReplicaId};

/// Whether the rows held make something eligible beyond `proposed` (4.2; Figure 1, definitions 2 and 3).
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(
    state: &State,
    config: &Config,
    proposed: &Matrix,
    result: &bool,
) -> Result<(), Finding> {
    crate::answer(
        "pre_order.has_news: some number eligible by the rows held exceeds that of proposed",
        &expected(state, config, proposed),
        result,
    )
}

/// There is an originator of which the rows held make more eligible than `proposed` does.
pub(super) fn expected(state: &State, config: &Config, proposed: &Matrix) -> bool {
    let held = |i: ReplicaId, o: ReplicaId| -> PoSeq {
        let row = state.rows[i.index()].as_ref();
        row.and_then(|row| row.body().vec.get(o.index())).copied().unwrap_or_default()
    };
    config.replicas().any(|o| {
        eligible_of(config, |i| held(i, o)) > eligible_of(config, |i| proposed.acknowledged(i, o))
    })
}
