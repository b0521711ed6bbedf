//! What `pre_order.retire` must do.

use super::definitions::{content_of, held, numbers};
use super::expected::Expected;
use crate::Finding;
use prime::pre_order::{PoSlot, State};
use wire::prime::PoRequest;
use wire::{Config, PoSeq, ReplicaId};

/// Slots that were executed are dropped.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    executed: &[PoSeq],
    after: &State,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("retire", config, before);

    expected.since("slots up to executed[o] go, their numbers leave preordered and pending");
    for ((index, column), &executed) in before.columns.iter().enumerate().zip(executed) {
        let o = ReplicaId::from_index(index);
        let dropped = column.slots.range(..=executed).map(|(_, slot)| slot);
        let requests = dropped.filter_map(|slot| finished(slot, o == before.me));
        expected.left.extend(requests.flat_map(numbers));
        let column = expected.column_mut(o);
        column.retired = column.retired.max(executed);
        column.aru = column.aru.max(executed);
    }
    for (o, column) in config.replicas().zip(&before.columns) {
        if expected.aru(o) > column.aru {
            expected.advance(o);
        }
    }
    expected.judge_state(after)
}

/// The request whose updates are over when a slot is dropped: the certified content, and of an own
/// slot without one what is held, adopted content first.
fn finished(slot: &PoSlot, own: bool) -> Option<&PoRequest> {
    let certified = content_of(slot).map(|(_, request)| request);
    certified.or_else(|| held(slot).filter(|_| own).map(|(_, request)| request).last())
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::{
        config, content, number, request, slot, slot_mut, state, trips, update, vector,
    };
    use wire::PoSeq;

    #[test]
    fn what_was_executed_goes_and_is_pending_no_more() {
        let (config, mut before) = (config(), state());
        let (a, b, kept) = (request(2, 1, 1), request(2, 1, 2), request(2, 2, 3));
        before.columns[1].aru = PoSeq(1);
        *slot_mut(&mut before, 2, 1) = slot(&a, &[1, 3]);
        slot_mut(&mut before, 2, 1).adopted = Some(content(&b));
        slot_mut(&mut before, 2, 1).certified = Some(b.digest());
        *slot_mut(&mut before, 2, 2) = slot(&kept, &[]);
        before.pending = [update(1, 1, b"x"), update(1, 2, b"other")].into();
        before.preordered = [number(1, 1), number(1, 2)].into();
        let mut after = before.clone();
        after.columns[1].retired = PoSeq(1);
        after.columns[1].slots.remove(&PoSeq(1));
        after.pending.remove(1);
        after.preordered.remove(&number(1, 2));
        let executed = vector(&[0, 1, 0, 0]);
        assert_eq!(check(&config, &before, &executed, &after), Ok(()));

        let mut waiting = after.clone();
        waiting.pending = before.pending.clone();
        trips(check(&config, &before, &executed, &waiting), "pending");
        let mut wrong = after.clone();
        wrong.preordered = [number(1, 2)].into();
        trips(check(&config, &before, &executed, &wrong), "preordered");
        let mut left = after.clone();
        *slot_mut(&mut left, 2, 1) = slot(&a, &[]);
        trips(check(&config, &before, &executed, &left), "slots[s1]");
        let mut greedy = after;
        greedy.columns[1].slots.clear();
        trips(check(&config, &before, &executed, &greedy), "slots[s2]");
    }

    #[test]
    fn a_gap_that_closes_lets_the_prefix_grow_and_nothing_falls_back() {
        let (config, mut before) = (config(), state());
        let next = request(2, 2, 1);
        *slot_mut(&mut before, 2, 2) = slot(&next, &[3, 4]);
        before.columns[2].aru = PoSeq(7);
        before.columns[2].retired = PoSeq(7);
        let mut after = before.clone();
        after.columns[1].retired = PoSeq(1);
        after.columns[1].aru = PoSeq(2);
        slot_mut(&mut after, 2, 2).certified = Some(next.digest());
        let executed = vector(&[0, 1, 3, 0]);
        assert_eq!(check(&config, &before, &executed, &after), Ok(()));
        let mut short = before.clone();
        short.columns[1].retired = PoSeq(1);
        short.columns[1].aru = PoSeq(1);
        trips(check(&config, &before, &executed, &short), "columns[r2]");
        after.columns[2].retired = PoSeq(3);
        trips(check(&config, &before, &executed, &after), "columns[r3]");
    }

    #[test]
    fn an_own_slot_is_over_even_if_it_was_never_certified() {
        let (config, mut before) = (config(), state());
        let (own, other) = (request(1, 1, 1), request(2, 1, 2));
        *slot_mut(&mut before, 1, 1) = slot(&own, &[]);
        *slot_mut(&mut before, 2, 1) = slot(&other, &[]);
        before.preordered = [number(1, 1), number(1, 2)].into();
        let mut after = before.clone();
        for column in &mut after.columns[..2] {
            column.slots.clear();
            column.aru = PoSeq(1);
            column.retired = PoSeq(1);
        }
        after.preordered.remove(&number(1, 1));
        let executed = vector(&[1, 1, 0, 0]);
        assert_eq!(check(&config, &before, &executed, &after), Ok(()));
        after.preordered.clear();
        trips(check(&config, &before, &executed, &after), "preordered");
    }
}
