//! What `order.retire` must do.

use crate::Finding;
use crate::expected::Expected;
use prime::order::State;
use wire::{Config, Seq};

/// What was executed is dropped.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(config: &Config, before: &State, executed: Seq, after: &State) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("order.retire", config, before);
    expected.since("every slot at or below `executed` is dropped, and `retired` is that at least");
    expected.state.slots.retain(|n, _| *n > executed);
    expected.state.retired = before.retired.max(executed);
    expected.judge_state(after)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::order::kit::{at, config, done, ordered, proposal, state, trips};
    use wire::Seq;

    #[test]
    fn slots_up_to_the_executed_one_are_dropped() {
        let (config, mut before) = (config(), state());
        ordered(&mut before, 3);
        (1..4).for_each(|n| *at(&mut before, n) = done(&proposal(n)));
        let mut after = before.clone();
        after.retired = Seq(2);
        after.slots.remove(&Seq(1));
        trips(check(&config, &before, Seq(2), &after), "slots");
        after.slots.remove(&Seq(2));
        assert_eq!(check(&config, &before, Seq(2), &after), Ok(()));
        assert_eq!(check(&config, &after, Seq(1), &after), Ok(()));
        let mut back = after.clone();
        back.retired = Seq(1);
        trips(check(&config, &after, Seq(1), &back), "retired");
        after.slots.remove(&Seq(3));
        trips(check(&config, &before, Seq(2), &after), "slots");
    }
}
