//! What `pre_order.on_po_aru_conflict` must do.

use super::definitions::relation_of;
use super::expected::Expected;
use crate::Finding;
use crate::effects::Order;
use prime::pre_order::{Relation, State};
use wire::prime::{PoAruConflict, Prime};
use wire::{Config, Effect, Reject, To, Verified};

/// Proof of inconsistent PO-ARUs blacklists their signer (4.2, "Blacklisting Servers").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<PoAruConflict>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("on_po_aru_conflict", config, before);

    let PoAruConflict { first, second } = message.body();
    let proves = first.signer == second.signer
        && first.body.vec.len() == config.size()
        && second.body.vec.len() == config.size()
        && relation_of(&first.body.vec, &second.body.vec) == Relation::Inconsistent;
    let sender = message.signer();
    if !proves {
        expected.since("rejects Invalid unless one signer, N entries each, Inconsistent");
        expected.reject(Some(sender), Reject::Invalid);
    } else if !before.blacklist.contains(&first.signer) {
        expected.since("the signer enters blacklist and the proof is relayed to the others");
        expected.blacklisted.insert(first.signer);
        expected.relay(To::Others, message.clone());
    } else if sender == before.me {
        expected.since("known already, signed by this server itself: nothing happens");
    } else {
        expected.since("rejects Duplicate if that signer is in blacklist already");
        expected.reject(Some(sender), Reject::Duplicate);
    }
    expected.judge(after, Order::Free, effects)
}
