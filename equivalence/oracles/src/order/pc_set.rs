//! What `order.pc_set` must answer.

use super::definitions::{commits, committed, prepares};
use crate::Finding;
use prime::order::{OrderSlot, State};
use wire::prime::Certificate;
use wire::{Config, List, Seq, View};

/// What no number above the executed one can be bound to anything else than (5.3, PC-Set).
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(
    state: &State,
    config: &Config,
    view: View,
    executed: Seq,
    got: &[Certificate],
) -> Result<(), Finding> {
    let rule =
        "order.pc_set: the certificate of a view below `view` of each number above `executed`";
    let above = state.slots.iter().filter(|(seq, _)| **seq > executed);
    let held = above.filter_map(|(_, slot)| certificate(config, slot));
    let expected: Vec<_> = held.filter(|it| it.pre_prepare().body.view < view).collect();
    crate::answer(rule, &&expected[..], &got)
}

/// The commit certificate of what is committed, else the prepare certificate for which a Commit was
/// sent, unless a view change's own certificate covers it.
fn certificate(config: &Config, slot: &OrderSlot) -> Option<Certificate> {
    let proposal = slot.pre_prepare.as_ref()?.signed().clone();
    if slot.committed && committed(config, slot) {
        let votes = commits(slot);
        let mut votes = votes.into_iter().map(|vote| vote.signed().clone());
        Some(Certificate::Committed(proposal, List::take(&mut votes)))
    } else if slot.prepared && !slot.replayed {
        let votes = prepares(slot);
        let mut votes = votes.into_iter().map(|vote| vote.signed().clone());
        Some(Certificate::Prepared(proposal, List::take(&mut votes)))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::order::kit::{
        at, between, commit, config, done, grown, other, prepare, proposal, proposal_of, slot,
        trips,
    };
    use prime::order::OrderSlot;
    use wire::prime::{Certificate, PrePrepare};
    use wire::{List, ReplicaId, Seq, Verified, View};

    fn committed(pp: &Verified<PrePrepare>) -> Certificate {
        let votes = [1, 2, 3].map(|i| commit(i, pp).signed().clone());
        Certificate::Committed(pp.signed().clone(), List::new(votes.to_vec()).unwrap())
    }

    fn prepared(pp: &Verified<PrePrepare>) -> Certificate {
        let votes = [3, 4].map(|i| prepare(i, pp).signed().clone());
        Certificate::Prepared(pp.signed().clone(), List::new(votes.to_vec()).unwrap())
    }

    #[test]
    fn each_number_above_the_executed_one_has_its_certificate() {
        let (config, mut state) = (config(), between());
        let old = proposal_of(0, 4, grown(4));
        let voted = |n| OrderSlot { prepared: true, ..slot(&proposal(n), &[3, 4], &[1, 2, 3]) };
        *at(&mut state, 1) = done(&proposal(1));
        *at(&mut state, 2) = OrderSlot { committed: true, ..voted(2) };
        // Q Commits may be held of what was not found to be committed.
        *at(&mut state, 3) = voted(3);
        *at(&mut state, 4) = done(&old);
        *at(&mut state, 5) = OrderSlot { prepared: false, ..voted(5) };
        let replayed = OrderSlot { replayed: true, committed: true, ..voted(6) };
        *at(&mut state, 6) = OrderSlot { commits: [].into(), ..replayed };
        *at(&mut state, 7) = done(&proposal_of(2, 7, grown(7)));
        // Votes for something else do not belong to it.
        at(&mut state, 2).commits.insert(ReplicaId(4), commit(4, &other(2)));
        at(&mut state, 3).prepares.insert(ReplicaId(1), prepare(1, &other(3)));
        let right = [committed(&proposal(2)), prepared(&proposal(3)), committed(&old)];
        let check = |got: &[_]| check(&state, &config, View(2), Seq(1), got);
        assert_eq!(check(&right), Ok(()));
        let [two, three, four] = &right;
        for wrong in [
            vec![two, three],
            vec![two, four, three],
            vec![two, &committed(&proposal(3)), four],
            vec![&prepared(&proposal(2)), three, four],
            vec![&committed(&proposal(1)), two, three, four],
            vec![two, three, four, &prepared(&proposal(5))],
            vec![two, three, four, &prepared(&proposal(6))],
            vec![two, three, four, &committed(&proposal_of(2, 7, grown(7)))],
        ] {
            let wrong: Vec<_> = wrong.into_iter().cloned().collect();
            trips(check(&wrong), "order.pc_set");
        }
    }
}
