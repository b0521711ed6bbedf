//! What `order.on_commit` must do.

use super::definitions::{advance, outside, refused, slot_in, slot_mut};
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::order::State;
use wire::prime::{Commit, Prime};
use wire::{Config, Effect, Reject, Verified};

/// One Commit of each server is counted for each (view, number), the first.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<Commit>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("order.on_commit", config, before);
    let (signer, &Commit { view, seq, digest }) = (message.signer(), message.body());
    let held = slot_in(before, view, seq).and_then(|slot| slot.commits.get(&signer));
    let held = held.map(|vote| vote.body().digest);
    let grounds = outside(config, before, (view, seq), true).into_iter().chain([
        (held == Some(digest), Reject::Duplicate, "`Duplicate` if one with its digest is held"),
        (held.is_some(), Reject::Equivocation, "`Equivocation` if another is held"),
    ]);
    if !refused(&mut expected, signer, grounds) {
        expected.since("it enters the slot, and, if its view is installed, `advance` follows");
        let slot = slot_mut(&mut expected.state, view, seq);
        slot.commits.insert(signer, message.clone());
        if view == before.view {
            advance(&mut expected, seq);
        }
    }
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::order::kit::{
        accepted, at, between, commit, config, done, effects, grown, logged, ordered, other,
        proposal, proposal_of, reject, slot, state, trips,
    };
    use wire::{Reject, ReplicaId, Seq};

    #[test]
    fn the_quorums_last_commit_orders() {
        let (config, pp) = (config(), proposal(1));
        let mut before = state();
        accepted(&mut before, 1);
        *at(&mut before, 1) = slot(&pp, &[1, 3], &[1, 2]);
        at(&mut before, 1).prepared = true;
        let mut after = before.clone();
        *at(&mut after, 1) = slot(&pp, &[1, 3], &[1, 2, 3]);
        (at(&mut after, 1).prepared, at(&mut after, 1).committed) = (true, true);
        ordered(&mut after, 1);
        let emitted = effects(|e| logged(e, &pp, &[1, 2, 3]));
        let message = commit(3, &pp);
        assert_eq!(check(&config, &before, &message, &after, &emitted), Ok(()));
        trips(check(&config, &before, &message, &after, &emitted[..2]), "effects");
        let mut late = after.clone();
        late.ordered = Seq(0);
        trips(check(&config, &before, &message, &late, &emitted), "ordered");

        // One Commit fewer, or one for something else, is no quorum.
        at(&mut before, 1).commits.insert(ReplicaId(2), commit(2, &other(1)));
        at(&mut after, 1).commits.insert(ReplicaId(2), commit(2, &other(1)));
        let early = effects(|e| logged(e, &pp, &[1, 3]));
        trips(check(&config, &before, &message, &after, &early), "effect 0");
        trips(check(&config, &before, &message, &after, &[]), "order.on_commit");
    }

    #[test]
    fn a_commit_comes_before_its_pre_prepare_and_the_first_stays() {
        let (config, pp) = (config(), proposal(3));
        let (before, message) = (state(), commit(3, &pp));
        let mut after = before.clone();
        at(&mut after, 3).commits.insert(ReplicaId(3), message.clone());
        assert_eq!(check(&config, &before, &message, &after, &[]), Ok(()));
        trips(check(&config, &before, &message, &before, &[]), "slots");
        for (again, reason) in [(pp, Reject::Duplicate), (other(3), Reject::Equivocation)] {
            let (again, refused) = (commit(3, &again), [reject(3, reason)]);
            assert_eq!(check(&config, &after, &again, &after, &refused), Ok(()));
            trips(check(&config, &after, &again, &after, &[]), "effects");
            let mut replaced = after.clone();
            at(&mut replaced, 3).commits.insert(ReplicaId(3), commit(3, &proposal(9)));
            trips(check(&config, &after, &again, &replaced, &refused), "commits.r3");
        }
    }

    #[test]
    fn rejects_come_in_their_precedence() {
        let config = config();
        let mut before = between();
        ordered(&mut before, 2);
        *at(&mut before, 4) = done(&proposal_of(0, 4, grown(4)));
        for (view, seq, reason) in [
            (3, 1, Reject::WrongView),
            (0, 99, Reject::WrongView),
            (1, 2, Reject::Stale),
            (2, 4, Reject::Stale),
            (1, 67, Reject::BeyondWindow),
        ] {
            let message = commit(3, &proposal_of(view, seq, grown(seq)));
            let refused = [reject(3, reason)];
            assert_eq!(check(&config, &before, &message, &before, &refused), Ok(()));
            trips(check(&config, &before, &message, &before, &[]), "effects");
            let wrong = [reject(3, Reject::Malformed)];
            trips(check(&config, &before, &message, &before, &wrong), "effect 0");
        }
        // What comes of the preinstalled view is kept apart and not looked at.
        let message = commit(3, &proposal_of(2, 66, grown(66)));
        let mut after = before.clone();
        after.early.entry(Seq(66)).or_default().commits.insert(ReplicaId(3), message.clone());
        assert_eq!(check(&config, &before, &message, &after, &[]), Ok(()));
        let mut mixed = before.clone();
        at(&mut mixed, 66).commits.insert(ReplicaId(3), message.clone());
        trips(check(&config, &before, &message, &mixed, &[]), "early");
    }
}
