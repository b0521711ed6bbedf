//! What `order.recount` must do.

use super::definitions::recount;
use crate::Finding;
use crate::expected::Expected;
use prime::order::State;
use wire::Config;

/// The log's certificates order what they order.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(config: &Config, before: &State, after: &State) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("order.recount", config, before);
    expected.since("what holds a commit certificate or was replayed is `committed`, no other");
    recount(config, &mut expected.state);
    expected.judge_state(after)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::order::kit::{at, config, done, ordered, proposal, slot, state, trips};
    use prime::order::OrderSlot;
    use wire::Seq;

    #[test]
    fn certificates_and_replayed_numbers_count_and_nothing_else_does() {
        let (config, mut before) = (config(), state());
        *at(&mut before, 1) = slot(&proposal(1), &[], &[1, 2, 3]);
        *at(&mut before, 2) = OrderSlot { replayed: true, ..Default::default() };
        *at(&mut before, 3) = OrderSlot { commits: [].into(), ..done(&proposal(3)) };
        let mut after = before.clone();
        ordered(&mut after, 1);
        (after.ordered, after.accepted, after.proposed) = (Seq(2), Seq(2), Seq(2));
        for (n, committed) in [(1, true), (2, true), (3, false)] {
            at(&mut after, n).committed = committed;
        }
        assert_eq!(check(&config, &before, &after), Ok(()));
        for n in 1..4 {
            let mut wrong = after.clone();
            at(&mut wrong, n).committed ^= true;
            trips(check(&config, &before, &wrong), "committed");
        }
        let mut early = after.clone();
        early.ordered = Seq(1);
        trips(check(&config, &before, &early), "ordered");
    }
}
