//! What `recon.on_eligible` must do.

use super::definitions::{certified, judge, lacks, own_part, senders_of};
use crate::Finding;
use crate::expected::Expected;
use crate::pre_order::definitions::PreOrder;
use prime::recon::State;
use wire::prime::{Matrix, Prime};
use wire::{Config, Effect, PoSeq, ReplicaId, To};

/// Figure 3: a sender's part goes to each server that lacks what became eligible, once.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
#[expect(clippy::too_many_arguments, reason = "the slot's arguments and its outcome")]
pub fn check(
    config: &Config,
    before: &State,
    pre_order: &PreOrder,
    matrix: &Matrix,
    old: &[PoSeq],
    new: &[PoSeq],
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("recon.on_eligible", config, before);
    expected.since("the own part goes once to each who needs it, of what this server must send");
    let (me, bounds) = (before.me, old.iter().zip(new));
    for ((o, column), (&old, &new)) in config.replicas().zip(&pre_order.columns).zip(bounds) {
        let eligible = column.slots.keys().map(|&s| (o, s)).filter(|&(_, s)| old < s && s <= new);
        for identifier in eligible {
            let Some(content) = certified(pre_order, identifier) else { continue };
            let had = |r: &ReplicaId| before.sent.get(&identifier).is_some_and(|to| to.contains(r));
            let lacking = |r: &ReplicaId| lacks(pre_order, *r, identifier) && !had(r);
            let receivers: Vec<_> = config.replicas().filter(lacking).collect();
            if receivers.is_empty() || !senders_of(config, matrix, identifier).contains(&me) {
                continue;
            }
            let part = own_part(config, me, o, content);
            receivers.iter().for_each(|&r| expected.send(To::One(r), part.clone()));
            expected.state.sent.entry(identifier).or_default().extend(receivers);
        }
    }
    judge(&expected, after, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Finding;
    use crate::pre_order::definitions::PreOrder;
    use crate::pre_order::kit::{aru, vector};
    use crate::recon::kit::{
        certified, config, content, effects, id, matrix, part, request, slot_mut, state, trips,
    };
    use prime::recon::State;
    use wire::prime::{Prime, Recon};
    use wire::{Effect, ReplicaId, To};

    /// Rows 1, 2 and 3 acknowledge two of server 2; (2, 1] to (2, 2] become eligible.
    fn outcome(
        pre_order: &PreOrder,
        before: &State,
        after: &State,
        made: &[Effect<Prime>],
    ) -> Result<(), Finding> {
        let two: &[u64] = &[0, 2, 0, 0];
        let matrix = matrix(&[two, two, two, two]);
        let (old, new) = (vector(&[3, 1, 0, 0]), vector(&[0, 2, 0, 0]));
        check(&config(), before, pre_order, &matrix, &old, &new, after, made)
    }

    fn sends(part: &Recon, to: &[u16]) -> Vec<Effect<Prime>> {
        effects(|e| to.iter().for_each(|&r| e.send(To::One(ReplicaId(r)), part.clone())))
    }

    fn sent(of: &[(u64, &[u16])]) -> State {
        let mut state = state();
        let to = |to: &[u16]| to.iter().copied().map(ReplicaId).collect();
        state.sent = of.iter().map(|&(s, receivers)| (id(2, s), to(receivers))).collect();
        state
    }

    #[test]
    fn a_part_of_what_becomes_eligible_goes_to_those_who_lack_it() {
        let requests = [1, 2, 3].map(|s| request(2, s, s));
        let pre_order = certified(&requests.each_ref());
        let (own, before) = (part(1, &requests[1]), state());
        let (made, after) = (sends(&own, &[3, 4]), sent(&[(2, &[3, 4])]));
        assert_eq!(outcome(&pre_order, &before, &after, &made), Ok(()));
        trips(outcome(&pre_order, &before, &after, &sends(&own, &[4, 3])), "effect 0");
        trips(outcome(&pre_order, &before, &after, &sends(&own, &[2, 3, 4])), "effect 0");
        trips(outcome(&pre_order, &before, &after, &sends(&own, &[3])), "effects");
        trips(
            outcome(&pre_order, &before, &after, &sends(&part(3, &requests[1]), &[3, 4])),
            "effect 0",
        );
        trips(outcome(&pre_order, &before, &before, &made), "sent");
        // Also what was eligible before.
        let more = [sends(&part(1, &requests[0]), &[3, 4]), made].concat();
        trips(outcome(&pre_order, &before, &after, &more), "effect 0");

        // Who got it, and who has it, is passed over; the own entry of `sent` grows.
        let mut known = pre_order.clone();
        known.rows[2] = Some(aru(3, &[0, 2, 0, 0]));
        let (made, after) = (sends(&own, &[4]), sent(&[(2, &[4])]));
        assert_eq!(outcome(&known, &before, &after, &made), Ok(()));
        let (before, after) = (sent(&[(2, &[4])]), sent(&[(2, &[3, 4])]));
        assert_eq!(outcome(&pre_order, &before, &after, &sends(&own, &[3])), Ok(()));
        trips(outcome(&pre_order, &before, &after, &sends(&own, &[3, 4])), "effect 1");
        assert_eq!(outcome(&known, &before, &before, &[]), Ok(()));
    }

    #[test]
    fn nothing_goes_out_without_content_receivers_or_a_turn() {
        let request = request(2, 2, 1);
        let mut pre_order = certified(&[&request]);
        slot_mut(&mut pre_order, 2, 2).certified = None;
        let made = sends(&part(1, &request), &[3, 4]);
        let mut archived = state();
        archived.archive.insert(id(2, 2), content(&request));
        trips(outcome(&pre_order, &archived, &archived, &made), "effect 0");
        assert_eq!(outcome(&pre_order, &archived, &archived, &[]), Ok(()));
        // No empty entry for what has no receivers.
        let mut known = certified(&[&request]);
        for i in [3, 4] {
            slot_mut(&mut known, 2, 2).acks.insert(ReplicaId(i), request.digest());
        }
        assert_eq!(outcome(&known, &state(), &state(), &[]), Ok(()));
        trips(outcome(&known, &state(), &sent(&[(2, &[])]), &[]), "sent");
        // Server 4 is not among the first three.
        let (mut fourth, mut before) = (certified(&[&request]), state());
        (fourth.me, before.me) = (ReplicaId(4), ReplicaId(4));
        assert_eq!(outcome(&fourth, &before, &before, &[]), Ok(()));
    }
}
