//! What `pre_order.recover_promises` must do.

use super::definitions::held;
use super::expected::Expected;
use crate::Finding;
use prime::pre_order::{PoSlot, State};
use wire::{Config, Digest, PoSeq, ReplicaId};

/// Every column's `aru` is restored up to what the log's last PO-ARU promised.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(config: &Config, before: &State, after: &State) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("recover_promises", config, before);

    expected.since("walks from aru + 1 up to sent_aru[o] while the slot holds content");
    for (index, &promised) in before.sent_aru.iter().enumerate() {
        restore(&mut expected, ReplicaId::from_index(index), promised);
    }
    expected.judge_state(after)
}

fn restore(expected: &mut Expected<'_>, o: ReplicaId, promised: PoSeq) {
    while expected.aru(o) < promised {
        let next = expected.aru(o).next();
        let Some(digest) = expected.slot(o, next).and_then(announced) else { return };
        expected.certify(o, next, digest);
    }
}

/// The digest that was certified when the number was announced; `None` without content.
fn announced(slot: &PoSlot) -> Option<Digest> {
    let last = held(slot).map(|(digest, _)| digest).last()?;
    Some(slot.certified.unwrap_or(last))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::{config, content, request, slot, slot_mut, state, trips, vector};
    use wire::PoSeq;

    #[test]
    fn the_prefix_comes_back_up_to_the_promise_with_the_adopted_content_first() {
        let (config, mut before) = (config(), state());
        let (a, b) = (request(2, 1, 1), request(2, 1, 2));
        let (next, last) = (request(2, 2, 3), request(2, 3, 4));
        *slot_mut(&mut before, 2, 1) = slot(&a, &[]);
        slot_mut(&mut before, 2, 1).adopted = Some(content(&b));
        *slot_mut(&mut before, 2, 2) = slot(&next, &[]);
        *slot_mut(&mut before, 2, 3) = slot(&last, &[]);
        before.sent_aru = vector(&[0, 2, 5, 0]);
        let mut after = before.clone();
        slot_mut(&mut after, 2, 1).certified = Some(b.digest());
        slot_mut(&mut after, 2, 2).certified = Some(next.digest());
        after.columns[1].aru = PoSeq(2);
        assert_eq!(check(&config, &before, &after), Ok(()));

        let mut first = after.clone();
        slot_mut(&mut first, 2, 1).certified = Some(a.digest());
        trips(check(&config, &before, &first), "certified");
        let mut beyond = after.clone();
        slot_mut(&mut beyond, 2, 3).certified = Some(last.digest());
        beyond.columns[1].aru = PoSeq(3);
        trips(check(&config, &before, &beyond), "aru");
        after.columns[2].aru = PoSeq(5);
        trips(check(&config, &before, &after), "columns[r3]");
    }

    #[test]
    fn what_is_certified_keeps_its_digest() {
        let (config, mut before) = (config(), state());
        let (a, b) = (request(2, 1, 1), request(2, 1, 2));
        *slot_mut(&mut before, 2, 1) = slot(&a, &[]);
        slot_mut(&mut before, 2, 1).adopted = Some(content(&b));
        slot_mut(&mut before, 2, 1).certified = Some(a.digest());
        before.sent_aru = vector(&[0, 1, 0, 0]);
        let mut after = before.clone();
        after.columns[1].aru = PoSeq(1);
        assert_eq!(check(&config, &before, &after), Ok(()));
        slot_mut(&mut after, 2, 1).certified = Some(b.digest());
        trips(check(&config, &before, &after), "certified");
    }
}
