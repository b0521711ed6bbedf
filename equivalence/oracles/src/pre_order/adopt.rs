//! What `pre_order.adopt` must do.

use super::expected::Expected;
use crate::Finding;
use crate::effects::Order;
use prime::pre_order::{Content, State};
use wire::prime::Prime;
use wire::{Config, Effect, Reject, ReplicaId};

/// Content that f+1 Reconciliation senders vouched for (4.1, "Reconciliation").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    originator: ReplicaId,
    content: &Content,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("adopt", config, before);

    let s = content.body.seq;
    let certified = expected.slot(originator, s).and_then(|slot| slot.certified);
    let bound = certified.map(|digest| match digest == content.digest {
        true => Reject::Duplicate,
        false => Reject::Equivocation,
    });
    if let Some(reason) = expected.outside_window(originator, s).or(bound) {
        expected.since("rejects Stale, BeyondWindow, Duplicate, Equivocation, in this precedence");
        expected.reject(None, reason);
    } else {
        expected.since("the slot gets certified = the digest, adopted = the content; advance_aru");
        expected.bind(originator, content);
        expected.advance(originator);
    }
    expected.judge(after, Order::Free, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::{config, content, request, slot, slot_mut, state, trips};
    use wire::{Effect, PoSeq, Reject, ReplicaId};

    fn refused(reason: Reject) -> [Effect<wire::prime::Prime>; 1] {
        [Effect::Reject { from: None, reason }]
    }

    #[test]
    fn adopted_content_takes_the_place_of_the_first_seen_and_closes_gaps() {
        let (config, mut before) = (config(), state());
        let (a, b, next) = (request(2, 1, 1), request(2, 1, 2), request(2, 2, 3));
        *slot_mut(&mut before, 2, 1) = slot(&a, &[1]);
        *slot_mut(&mut before, 2, 2) = slot(&next, &[1, 3]);
        let mut after = before.clone();
        slot_mut(&mut after, 2, 1).adopted = Some(content(&b));
        slot_mut(&mut after, 2, 1).certified = Some(b.digest());
        slot_mut(&mut after, 2, 2).certified = Some(next.digest());
        after.columns[1].aru = PoSeq(2);
        let o = ReplicaId(2);
        assert_eq!(check(&config, &before, o, &content(&b), &after, &[]), Ok(()));

        let mut short = after.clone();
        short.columns[1].aru = PoSeq(1);
        trips(check(&config, &before, o, &content(&b), &short, &[]), "aru");
        let mut lost = after.clone();
        slot_mut(&mut lost, 2, 1).adopted = None;
        trips(check(&config, &before, o, &content(&b), &lost, &[]), "adopted");
        let mut acked = after;
        acked.unsent_acks.push(crate::pre_order::kit::ack(&b));
        trips(check(&config, &before, o, &content(&b), &acked, &[]), "unsent_acks");
    }

    #[test]
    fn old_far_known_and_contradicting_content_is_rejected_in_this_order() {
        let (config, mut before) = (config(), state());
        before.columns[1].aru = PoSeq(1);
        before.columns[1].retired = PoSeq(1);
        let (a, b) = (request(2, 2, 1), request(2, 2, 2));
        *slot_mut(&mut before, 2, 2) = slot(&a, &[]);
        slot_mut(&mut before, 2, 2).certified = Some(a.digest());
        let cases = [
            (request(2, 1, 1), Reject::Stale),
            (request(2, 258, 1), Reject::BeyondWindow),
            (a, Reject::Duplicate),
            (b, Reject::Equivocation),
        ];
        for (message, reason) in cases {
            let content = content(&message);
            let run =
                |effects: &[_]| check(&config, &before, ReplicaId(2), &content, &before, effects);
            assert_eq!(run(&refused(reason)), Ok(()));
            trips(run(&refused(Reject::Full)), "effect 0");
            trips(run(&[]), "effects");
        }
    }
}
