//! What `order.on_ordered_certificate` must do.

use super::definitions::{accept, bind, horizon, refused, settle, shown};
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::order::State;
use std::collections::BTreeSet;
use wire::prime::{OrderedCertificate, PrePrepare, PrePrepareConflict, Prime};
use wire::{Config, Effect, Reject, ReplicaId, To, Verified};

/// What Q servers committed in any view, the number is bound to.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<OrderedCertificate>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("order.on_ordered_certificate", config, before);
    let (proposal, votes) = shown(config, message);
    let PrePrepare { view, seq, matrix } = proposal.body();
    let voters: BTreeSet<ReplicaId> = votes.iter().map(Verified::signer).collect();
    let valid = proposal.signer() == config.leader_of(*view)
        && matrix.rows.len() == config.size()
        && voters.len() >= config.quorum();
    let committed = before.slots.get(seq).is_some_and(|slot| slot.committed);
    let grounds = [
        (*seq <= before.ordered, Reject::Stale, "`Stale` if n is at or below `ordered`"),
        (
            *seq > horizon(config, before),
            Reject::BeyondWindow,
            "`BeyondWindow` if n exceeds the horizon",
        ),
        (committed, Reject::Duplicate, "`Duplicate` if the slot of n is `committed`"),
        (
            !valid,
            Reject::Invalid,
            "`Invalid` unless Q Commits for a leader's Pre-Prepare are in it",
        ),
    ];
    if !refused(&mut expected, message.signer(), grounds) {
        expected.since("the slot of n is bound to the Pre-Prepare and `committed`");
        let displaced = bind(&mut expected.state, (&proposal, votes));
        let contrary = displaced.filter(|held| held.body().view == *view && *view == before.view);
        if let Some(held) = contrary.filter(|_| !before.leader_accused) {
            expected.state.leader_accused = true;
            let (first, second) = (held.signed().clone(), proposal.signed().clone());
            expected.send(To::All, PrePrepareConflict { first, second });
        }
        expected.hold(message.clone());
        settle(&mut expected.state);
        accept(&mut expected);
    }
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::order::kit::{
        accepted, at, between, certificate, commit, config, done, effects, grown, matrix, ordered,
        other, prepare, proposal, proposal_of, reject, sign, slot, state, trips, voted,
    };
    use prime::order::OrderSlot;
    use wire::prime::{Commit, OrderedCertificate, PrePrepare, PrePrepareConflict};
    use wire::{Record, Reject, ReplicaId, Seq, To, Verified};

    fn by(voters: &[u16], pp: &Verified<PrePrepare>) -> Verified<OrderedCertificate> {
        let votes: Vec<_> = voters.iter().map(|&i| commit(i, pp)).collect();
        certificate(pp, &votes)
    }

    #[test]
    fn an_old_views_certificate_orders_and_what_waited_is_accepted() {
        let (config, pp) = (config(), proposal_of(0, 1, grown(1)));
        let message = by(&[1, 2, 3], &pp);
        let mut before = state();
        *at(&mut before, 2) = slot(&proposal(2), &[], &[]);
        let mut after = before.clone();
        *at(&mut after, 1) = done(&pp);
        ordered(&mut after, 1);
        accepted(&mut after, 2);
        after.tokens = 2;
        let emitted = effects(|e| {
            e.persist(Record::Held(message.clone().into()));
            voted(e, &proposal(2));
        });
        assert_eq!(check(&config, &before, &message, &after, &emitted), Ok(()));
        trips(check(&config, &before, &message, &after, &emitted[..1]), "effects");
        trips(check(&config, &before, &message, &after, &emitted[1..]), "effect 0");
        let mut open = after.clone();
        at(&mut open, 1).committed = false;
        trips(check(&config, &before, &message, &open, &emitted), "committed");
    }

    #[test]
    fn what_was_held_gives_way_and_convicts_its_leader() {
        let (config, held, pp) = (config(), proposal(1), other(1));
        let message = by(&[1, 3, 4], &pp);
        let mut before = state();
        accepted(&mut before, 1);
        *at(&mut before, 1) = OrderSlot { prepared: true, ..slot(&held, &[3], &[2, 3]) };
        let mut after = before.clone();
        ordered(&mut after, 1);
        (after.preceding, after.proposal) = (grown(11), grown(11));
        after.ordered_matrix = grown(11);
        after.leader_accused = true;
        let bound = at(&mut after, 1);
        (bound.pre_prepare, bound.committed) = (Some(pp.clone()), true);
        bound.commits.extend([1, 3, 4].map(|i| (ReplicaId(i), commit(i, &pp))));
        let emitted = effects(|e| {
            let (first, second) = (held.signed().clone(), pp.signed().clone());
            e.send(To::All, PrePrepareConflict { first, second });
            e.persist(Record::Held(message.clone().into()));
        });
        assert_eq!(check(&config, &before, &message, &after, &emitted), Ok(()));
        trips(check(&config, &before, &message, &after, &emitted[1..]), "effect 0");
        let mut stuck = after.clone();
        stuck.preceding = grown(1);
        trips(check(&config, &before, &message, &stuck, &emitted), "preceding");
        let mut emptied = after.clone();
        at(&mut emptied, 1).prepares.clear();
        trips(check(&config, &before, &message, &emptied, &emitted), "prepares");

        // One of another view accuses nobody, and the Commit promised was not for it.
        let old = proposal_of(0, 1, grown(11));
        let message = by(&[1, 3, 4], &old);
        after.leader_accused = false;
        let bound = at(&mut after, 1);
        (bound.pre_prepare, bound.prepared) = (Some(old.clone()), false);
        bound.commits.extend([1, 3, 4].map(|i| (ReplicaId(i), commit(i, &old))));
        let emitted = effects(|e| e.persist(Record::Held(message.clone().into())));
        assert_eq!(check(&config, &before, &message, &after, &emitted), Ok(()));
        at(&mut after, 1).prepared = true;
        trips(check(&config, &before, &message, &after, &emitted), "prepared");
    }

    #[test]
    fn an_own_proposal_that_did_not_come_back_gives_way() {
        let (config, pp) = (config(), other(3));
        let message = by(&[1, 2, 3], &pp);
        let mut before = state();
        (before.proposed, before.proposal) = (Seq(3), grown(3));
        let mut after = before.clone();
        *at(&mut after, 3) = done(&pp);
        let emitted = effects(|e| e.persist(Record::Held(message.clone().into())));
        trips(check(&config, &before, &message, &after, &emitted), "proposal");
        after.proposal = grown(13);
        assert_eq!(check(&config, &before, &message, &after, &emitted), Ok(()));
        after.proposal = grown(4);
        trips(check(&config, &before, &message, &after, &emitted), "proposal");
    }

    #[test]
    fn commits_for_something_else_do_not_count_nor_enter() {
        let (config, pp, before) = (config(), proposal(3), between());
        let stray = |i: u16| {
            let seq = Seq(2);
            sign(i, Commit { seq, ..commit(i, &pp).body().clone() })
        };
        let refused = [reject(4, Reject::Invalid)];
        let foreign = sign(3, pp.body().clone());
        let short = proposal_of(1, 3, matrix(&[&[3, 0, 0, 0]]));
        for message in [
            by(&[1, 2], &pp),
            certificate(&pp, &[commit(1, &pp), commit(2, &pp), commit(2, &pp)]),
            certificate(&pp, &[commit(1, &pp), commit(2, &pp), stray(3)]),
            by(&[1, 2, 3], &foreign),
            by(&[1, 2, 3], &short),
        ] {
            assert_eq!(check(&config, &before, &message, &before, &refused), Ok(()));
            let mut taken = before.clone();
            *at(&mut taken, 3) = done(&pp);
            let emitted = effects(|e| e.persist(Record::Held(message.clone().into())));
            trips(check(&config, &before, &message, &taken, &emitted), "effect 0");
        }
        let four = [commit(1, &pp), commit(2, &pp), commit(3, &pp), stray(4)];
        let message = certificate(&pp, &four);
        let mut after = before.clone();
        *at(&mut after, 3) = done(&pp);
        let emitted = effects(|e| e.persist(Record::Held(message.clone().into())));
        assert_eq!(check(&config, &before, &message, &after, &emitted), Ok(()));
        at(&mut after, 3).commits.insert(ReplicaId(4), stray(4));
        trips(check(&config, &before, &message, &after, &emitted), "commits.r4");
    }

    #[test]
    fn rejects_come_in_their_precedence() {
        let config = config();
        let mut before = state();
        ordered(&mut before, 2);
        *at(&mut before, 4) = done(&proposal(4));
        *at(&mut before, 5) = slot(&proposal(5), &[], &[1, 2, 3]);
        at(&mut before, 5).prepares.insert(ReplicaId(3), prepare(3, &other(5)));
        for (seq, reason) in [
            (2, Reject::Stale),
            (67, Reject::BeyondWindow),
            (4, Reject::Duplicate),
            (5, Reject::Invalid),
        ] {
            let (message, refused) = (by(&[1], &proposal(seq)), [reject(4, reason)]);
            assert_eq!(check(&config, &before, &message, &before, &refused), Ok(()));
            trips(check(&config, &before, &message, &before, &[]), "effects");
            let wrong = [reject(4, Reject::Malformed)];
            trips(check(&config, &before, &message, &before, &wrong), "effect 0");
        }
    }
}
