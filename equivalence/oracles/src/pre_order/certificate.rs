//! What `pre_order.certificate` must answer.

use super::definitions::certificate_of;
use crate::Finding;
use prime::pre_order::PoSlot;
use wire::{Config, Digest, ReplicaId};

/// The digest of which a slot holds a preorder certificate (4.1, "Preordering Phase").
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(
    config: &Config,
    originator: ReplicaId,
    slot: &PoSlot,
    result: &Option<Digest>,
) -> Result<(), Finding> {
    let expected = certificate_of(config, originator, slot);
    crate::answer(
        "pre_order.certificate: the request and Q - 1 PO-Acks of others that name its digest",
        &expected,
        result,
    )
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::{config, content, request, slot, trips};
    use wire::{Digest, ReplicaId};

    #[test]
    fn two_acks_of_others_certify_a_request_of_four() {
        let (config, a) = (config(), request(2, 1, 1));
        let one = slot(&a, &[1]);
        let two = slot(&a, &[1, 3]);
        assert_eq!(check(&config, ReplicaId(2), &one, &None), Ok(()));
        assert_eq!(check(&config, ReplicaId(2), &two, &Some(a.digest())), Ok(()));
        trips(check(&config, ReplicaId(2), &two, &None), "certificate");
    }

    #[test]
    fn one_vote_too_few_is_found() {
        let (config, a) = (config(), request(2, 1, 1));
        let slot = slot(&a, &[3]);
        trips(check(&config, ReplicaId(2), &slot, &Some(a.digest())), "certificate");
    }

    #[test]
    fn the_originators_own_ack_counts_nowhere() {
        let (config, a) = (config(), request(2, 1, 1));
        let slot = slot(&a, &[1, 2]);
        assert_eq!(check(&config, ReplicaId(2), &slot, &None), Ok(()));
        trips(check(&config, ReplicaId(2), &slot, &Some(a.digest())), "certificate");
    }

    #[test]
    fn acks_without_the_request_certify_nothing() {
        let (config, a, b) = (config(), request(2, 1, 1), request(2, 1, 2));
        let mut slot = slot(&b, &[]);
        slot.acks = [1, 3, 4].map(|i| (ReplicaId(i), a.digest())).into();
        assert_eq!(check(&config, ReplicaId(2), &slot, &None), Ok(()));
        trips(check(&config, ReplicaId(2), &slot, &Some(a.digest())), "certificate");
        slot.adopted = Some(content(&a));
        assert_eq!(check(&config, ReplicaId(2), &slot, &Some(a.digest())), Ok(()));
    }

    #[test]
    fn what_was_certified_stays_so_and_of_two_digests_the_least_is_taken() {
        let mut config = config();
        let (a, b) = (request(2, 1, 1), request(2, 1, 2));
        config.f = 0;
        config.n = 1;
        let mut slot = slot(&a, &[]);
        slot.adopted = Some(content(&b));
        let least = a.digest().min(b.digest());
        let other = a.digest().max(b.digest());
        assert_eq!(check(&config, ReplicaId(2), &slot, &Some(least)), Ok(()));
        trips(check(&config, ReplicaId(2), &slot, &Some(other)), "certificate");
        slot.certified = Some(Digest::default());
        assert_eq!(check(&config, ReplicaId(2), &slot, &Some(Digest::default())), Ok(()));
    }
}
