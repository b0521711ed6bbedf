//! What `order.settle` must do.

use super::definitions::settle;
use crate::Finding;
use crate::expected::Expected;
use prime::order::State;
use wire::Config;

/// What follows without a gap counts as ordered.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(config: &Config, before: &State, after: &State) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("order.settle", config, before);
    expected.since("`ordered` is the last number up to which every slot is `committed`");
    settle(&mut expected.state);
    expected.judge_state(after)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::order::kit::{
        accepted, at, config, done, grown, ordered, proposal, slot, state, trips,
    };
    use prime::order::OrderSlot;
    use wire::Seq;

    #[test]
    fn a_gap_ends_the_run_and_a_no_op_leaves_the_matrix() {
        let (config, mut before) = (config(), state());
        *at(&mut before, 1) = done(&proposal(1));
        *at(&mut before, 2) = OrderSlot { committed: true, replayed: true, ..Default::default() };
        *at(&mut before, 3) = slot(&proposal(3), &[], &[1, 2, 3]);
        *at(&mut before, 4) = done(&proposal(4));
        let mut after = before.clone();
        ordered(&mut after, 1);
        (after.ordered, after.accepted, after.proposed) = (Seq(2), Seq(2), Seq(2));
        assert_eq!(check(&config, &before, &after), Ok(()));
        trips(check(&config, &before, &before), "accepted");
        let mut far = after.clone();
        ordered(&mut far, 4);
        trips(check(&config, &before, &far), "accepted");
        let mut lost = after.clone();
        lost.preceding = grown(0);
        trips(check(&config, &before, &lost), "preceding");
    }

    #[test]
    fn what_is_accepted_or_proposed_beyond_it_stays() {
        let (config, mut before) = (config(), state());
        accepted(&mut before, 3);
        *at(&mut before, 1) = done(&proposal(1));
        let mut after = before.clone();
        (after.ordered, after.ordered_matrix) = (Seq(1), grown(1));
        assert_eq!(check(&config, &before, &after), Ok(()));
        ordered(&mut after, 1);
        trips(check(&config, &before, &after), "accepted");
    }
}
