//! What `pre_order.on_po_request_conflict` must do.

use super::expected::Expected;
use crate::Finding;
use crate::effects::Order;
use prime::pre_order::State;
use wire::prime::{PoRequestConflict, Prime};
use wire::{Config, Effect, Reject, Verified};

/// Proof that an originator signed two requests under one number is noted.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<PoRequestConflict>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("on_po_request_conflict", config, before);

    let PoRequestConflict { first, second } = message.body();
    // A digest binds signer and body, so under one signer digests differ just when bodies do.
    let proves = first.signer == second.signer
        && first.body.seq == second.body.seq
        && first.body != second.body;
    let sender = message.signer();
    if !proves {
        expected.since("rejects Invalid unless one signer, one number, different digests");
        expected.reject(Some(sender), Reject::Invalid);
    } else if !before.equivocators.contains(&first.signer) {
        expected.since("the signer enters equivocators, and nothing else follows");
        expected.equivocated = Some(first.signer);
    } else if sender == before.me {
        expected.since("known already, signed by this server itself: nothing happens");
    } else {
        expected.since("rejects Duplicate if that signer is in equivocators already");
        expected.reject(Some(sender), Reject::Duplicate);
    }
    expected.judge(after, Order::Free, effects)
}
