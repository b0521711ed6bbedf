//! What `order.committed` must answer.

use super::definitions::committed;
use crate::Finding;
use prime::order::OrderSlot;
use wire::Config;

/// A Pre-Prepare and Q Commits for it.
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(config: &Config, slot: &OrderSlot, got: &bool) -> Result<(), Finding> {
    let rule = "order.committed: a Pre-Prepare, and Commits for it from Q servers";
    crate::answer(rule, &committed(config, slot), got)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::order::kit::{commit, config, other, proposal, sign, slot, trips};
    use wire::prime::Commit;
    use wire::{ReplicaId, Seq};

    #[test]
    fn three_commits_for_the_proposal_held() {
        let (config, pp) = (config(), proposal(1));
        let enough = slot(&pp, &[], &[1, 2, 4]);
        assert_eq!(check(&config, &enough, &true), Ok(()));
        trips(check(&config, &enough, &false), "order.committed");
        let mut nothing = enough.clone();
        nothing.pre_prepare = None;
        let mut contrary = enough.clone();
        contrary.commits.insert(ReplicaId(4), commit(4, &other(1)));
        let mut elsewhere = enough;
        let stray = Commit { view: pp.body().view, seq: Seq(2), digest: pp.digest() };
        elsewhere.commits.insert(ReplicaId(4), sign(4, stray));
        for wrong in [nothing, contrary, elsewhere, slot(&pp, &[1, 3, 4], &[1, 2])] {
            assert_eq!(check(&config, &wrong, &false), Ok(()));
            trips(check(&config, &wrong, &true), "order.committed");
        }
    }
}
