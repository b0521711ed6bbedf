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

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::{aru, config, reject, sign, state, trips};
    use wire::prime::{PoAru, PoAruConflict};
    use wire::{Effect, Reject, ReplicaId, To, Verified};

    fn proof(i: u16, first: &Verified<PoAru>, second: &Verified<PoAru>) -> Verified<PoAruConflict> {
        let (first, second) = (first.signed().clone(), second.signed().clone());
        sign(i, PoAruConflict { first, second })
    }

    #[test]
    fn a_proof_blacklists_and_is_passed_on_once() {
        let (config, before) = (config(), state());
        let (one, other) = (aru(2, &[2, 0, 0, 0]), aru(2, &[1, 1, 0, 0]));
        let message = proof(3, &one, &other);
        let mut after = before.clone();
        after.blacklist.insert(ReplicaId(2));
        let relay = [Effect::Relay { to: To::Others, message: message.clone().into() }];
        assert_eq!(check(&config, &before, &message, &after, &relay), Ok(()));
        trips(check(&config, &before, &message, &after, &[]), "effects");
        trips(check(&config, &before, &message, &before, &relay), "blacklist");
        let mut wrong = before.clone();
        wrong.blacklist.insert(ReplicaId(3));
        trips(check(&config, &before, &message, &wrong, &relay), "blacklist");

        let again = [reject(3, Reject::Duplicate)];
        assert_eq!(check(&config, &after, &message, &after, &again), Ok(()));
        assert_eq!(check(&config, &after, &proof(1, &one, &other), &after, &[]), Ok(()));
        trips(check(&config, &after, &message, &after, &relay), "effect 0");
    }

    #[test]
    fn what_proves_nothing_is_invalid() {
        let (config, mut before) = (config(), state());
        before.blacklist.insert(ReplicaId(2));
        let (one, other) = (aru(2, &[2, 0, 0, 0]), aru(2, &[1, 1, 0, 0]));
        let mut after = before.clone();
        after.blacklist.insert(ReplicaId(4));
        for message in [
            proof(4, &one, &aru(3, &[1, 1, 0, 0])),
            proof(4, &one, &aru(2, &[1, 1, 0])),
            proof(4, &one, &aru(2, &[1, 0, 0, 0])),
            proof(4, &other, &other),
        ] {
            let effects = [reject(4, Reject::Invalid)];
            assert_eq!(check(&config, &before, &message, &before, &effects), Ok(()));
            let duplicate = [reject(4, Reject::Duplicate)];
            trips(check(&config, &before, &message, &before, &duplicate), "effect 0");
            trips(check(&config, &before, &message, &after, &effects), "blacklist");
        }
    }
}
