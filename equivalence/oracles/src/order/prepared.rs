//! What `order.prepared` must answer.

use super::definitions::prepared;
use crate::Finding;
use prime::order::OrderSlot;
use wire::Config;

/// A Pre-Prepare and Q - 1 Prepares of others for it.
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(config: &Config, slot: &OrderSlot, got: &bool) -> Result<(), Finding> {
    let rule = "order.prepared: a Pre-Prepare, and Prepares for it from Q - 1 others";
    crate::answer(rule, &prepared(config, slot), got)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::order::kit::{config, other, prepare, proposal, sign, slot, trips};
    use wire::prime::Prepare;
    use wire::{ReplicaId, Seq};

    #[test]
    fn two_others_prepares_beside_the_leaders_proposal() {
        let (config, pp) = (config(), proposal(1));
        let enough = slot(&pp, &[3, 4], &[]);
        assert_eq!(check(&config, &enough, &true), Ok(()));
        trips(check(&config, &enough, &false), "order.prepared");
        let mut nothing = enough.clone();
        nothing.pre_prepare = None;
        let mut contrary = enough.clone();
        contrary.prepares.insert(ReplicaId(4), prepare(4, &other(1)));
        let mut elsewhere = enough;
        let stray = Prepare { view: pp.body().view, seq: Seq(2), digest: pp.digest() };
        elsewhere.prepares.insert(ReplicaId(4), sign(4, stray));
        let leaders = slot(&pp, &[2, 3], &[]);
        for wrong in [nothing, contrary, elsewhere, leaders, slot(&pp, &[3], &[1, 2, 3])] {
            assert_eq!(check(&config, &wrong, &false), Ok(()));
            trips(check(&config, &wrong, &true), "order.prepared");
        }
    }
}
