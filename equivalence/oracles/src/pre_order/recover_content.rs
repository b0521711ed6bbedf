//! What `pre_order.recover_content` must do.

use super::expected::Expected;
use crate::Finding;
use prime::pre_order::{Content, State};
use wire::{Config, ReplicaId};

/// Content that the log's Reconciliation parts prove is taken back.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    originator: ReplicaId,
    content: &Content,
    after: &State,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("recover_content", config, before);

    if content.body.seq <= expected.retired(originator) {
        expected.since("nothing happens if s is at or below the column's retired");
    } else {
        expected.since("the slot gets certified = the digest, adopted = the content");
        expected.bind(originator, content);
    }
    expected.judge_state(after)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::{config, content, request, slot, slot_mut, state, trips};
    use wire::{PoSeq, ReplicaId};

    #[test]
    fn proved_content_binds_the_slot_without_moving_the_prefix() {
        let (config, mut before) = (config(), state());
        let (a, b) = (request(2, 1, 1), request(2, 1, 2));
        *slot_mut(&mut before, 2, 1) = slot(&a, &[]);
        let mut after = before.clone();
        slot_mut(&mut after, 2, 1).adopted = Some(content(&b));
        slot_mut(&mut after, 2, 1).certified = Some(b.digest());
        let o = ReplicaId(2);
        assert_eq!(check(&config, &before, o, &content(&b), &after), Ok(()));
        let mut moved = after.clone();
        moved.columns[1].aru = PoSeq(1);
        trips(check(&config, &before, o, &content(&b), &moved), "aru");
        slot_mut(&mut after, 2, 1).certified = Some(a.digest());
        trips(check(&config, &before, o, &content(&b), &after), "certified");
        let mut same = before.clone();
        slot_mut(&mut same, 2, 1).certified = Some(a.digest());
        assert_eq!(check(&config, &before, o, &content(&a), &same), Ok(()));
        slot_mut(&mut same, 2, 1).adopted = Some(content(&a));
        trips(check(&config, &before, o, &content(&a), &same), "adopted");
    }

    #[test]
    fn what_is_retired_is_not_taken() {
        let (config, mut before) = (config(), state());
        before.columns[1].aru = PoSeq(1);
        before.columns[1].retired = PoSeq(1);
        let a = content(&request(2, 1, 1));
        assert_eq!(check(&config, &before, ReplicaId(2), &a, &before), Ok(()));
        let mut taken = before.clone();
        slot_mut(&mut taken, 2, 1).adopted = Some(a.clone());
        trips(check(&config, &before, ReplicaId(2), &a, &taken), "slots[s1]");
    }
}
