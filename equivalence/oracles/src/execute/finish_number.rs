//! What `execute.finish_number` must do.

use crate::Finding;
use crate::expected::Expected;
use prime::execute::State;
use wire::{Config, PoSeq, Seq};

/// A number and what it made eligible count as executed.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    seq: Seq,
    new: &[PoSeq],
    after: &State,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("execute.finish_number", config, before);
    expected.since("`prefix` becomes `new` and `executed` `seq`, and the tables stay");
    expected.state.prefix = new.to_vec();
    expected.state.executed = seq;
    expected.judge_state(after)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::execute::kit::{config, state, table, trips};
    use wire::{PoSeq, Seq};

    #[test]
    fn prefix_and_number_follow_and_the_tables_stay() {
        let (config, before, new) = (config(), state(), [4, 3, 1, 0].map(PoSeq));
        let mut after = before.clone();
        (after.prefix, after.executed) = (new.to_vec(), Seq(6));
        assert_eq!(check(&config, &before, Seq(6), &new, &after), Ok(()));
        table(&mut after).replies.clear();
        trips(check(&config, &before, Seq(6), &new, &after), "replies");
        after = before.clone();
        after.executed = Seq(6);
        trips(check(&config, &before, Seq(6), &new, &after), "prefix");
        (after.prefix, after.executed) = (new.to_vec(), Seq(5));
        trips(check(&config, &before, Seq(6), &new, &after), "executed");
    }
}
