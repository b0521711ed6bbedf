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

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::{config, reject, request, sign, state, trips};
    use wire::prime::{PoRequest, PoRequestConflict};
    use wire::{Effect, Reject, ReplicaId, To, Verified};

    fn proof(
        i: u16,
        first: &Verified<PoRequest>,
        second: &Verified<PoRequest>,
    ) -> Verified<PoRequestConflict> {
        let (first, second) = (first.signed().clone(), second.signed().clone());
        sign(i, PoRequestConflict { first, second })
    }

    #[test]
    fn a_proof_is_noted_and_nothing_else_follows() {
        let (config, before) = (config(), state());
        let (a, b) = (request(2, 1, 1), request(2, 1, 2));
        let message = proof(3, &a, &b);
        let mut after = before.clone();
        after.equivocators.insert(ReplicaId(2));
        assert_eq!(check(&config, &before, &message, &after, &[]), Ok(()));
        trips(check(&config, &before, &message, &before, &[]), "equivocators");
        let relay = [Effect::Relay { to: To::Others, message: message.clone().into() }];
        trips(check(&config, &before, &message, &after, &relay), "effect 0");

        let again = [reject(3, Reject::Duplicate)];
        assert_eq!(check(&config, &after, &message, &after, &again), Ok(()));
        assert_eq!(check(&config, &after, &proof(1, &a, &b), &after, &[]), Ok(()));
        trips(check(&config, &after, &message, &after, &[]), "effects");
    }

    #[test]
    fn what_proves_nothing_is_invalid() {
        let (config, before) = (config(), state());
        let a = request(2, 1, 1);
        let mut after = before.clone();
        after.equivocators.insert(ReplicaId(2));
        for other in [request(3, 1, 2), request(2, 2, 2), a.clone()] {
            let message = proof(3, &a, &other);
            let effects = [reject(3, Reject::Invalid)];
            assert_eq!(check(&config, &before, &message, &before, &effects), Ok(()));
            trips(check(&config, &before, &message, &after, &[]), "effects");
            trips(check(&config, &before, &message, &after, &effects), "equivocators");
        }
    }
}
