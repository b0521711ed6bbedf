//! What `pre_order.adopt` must do.

use super::expected::Expected;
use crate::Finding;
use crate::effects::Order;
use prime::pre_order::{Content, State};
use wire::prime::Prime;
use wire::{Config, Effect, Reject, ReplicaId};

/// Content that f+1 Reconciliation senders vouched for (4.1, "Reconciliation").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    originator: ReplicaId,
    content: &Content,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("adopt", config, before);

    let s = content.body.seq;
    let certified = expected.slot(originator, s).and_then(|slot| slot.certified);
    let bound = certified.map(|digest| match digest == content.digest {
        true => Reject::Duplicate,
        false => Reject::Equivocation,
    });
    if let Some(reason) = expected.outside_window(originator, s).or(bound) {
        expected.since("rejects Stale, BeyondWindow, Duplicate, Equivocation, in this precedence");
        expected.reject(None, reason);
    } else {
        expected.since("the slot gets certified = the digest, adopted = the content; advance_aru");
        expected.bind(originator, content);
        expected.advance(originator);
    }
    expected.judge(after, Order::Free, effects)
}
