//! What `order.preinstall` must do.

use super::definitions::preinstall;
use crate::Finding;
use crate::expected::Expected;
use prime::order::State;
use wire::{Config, View};

/// Voting in the installed view ends.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(config: &Config, before: &State, view: View, after: &State) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("order.preinstall", config, before);
    expected.since("`preinstalled` becomes `view`, and `early` and `promised` become empty");
    preinstall(&mut expected.state, view);
    expected.judge_state(after)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::order::kit::{between, config, grown, proposal, proposal_of, slot, trips};
    use wire::{Seq, View};

    #[test]
    fn nothing_but_what_came_early_and_what_was_promised_is_dropped() {
        let (config, mut before) = (config(), between());
        before.slots.insert(Seq(1), slot(&proposal(1), &[3], &[]));
        before.early.insert(Seq(1), slot(&proposal_of(2, 1, grown(1)), &[], &[]));
        before.promised.insert(Seq(1), proposal(1).body().clone());
        let mut after = before.clone();
        after.preinstalled = View(3);
        trips(check(&config, &before, View(3), &after), "early");
        after.early.clear();
        trips(check(&config, &before, View(3), &after), "promised");
        after.promised.clear();
        assert_eq!(check(&config, &before, View(3), &after), Ok(()));
        trips(check(&config, &before, View(3), &before), "preinstalled");
        let mut emptied = after.clone();
        emptied.slots.clear();
        trips(check(&config, &before, View(3), &emptied), "slots");
    }
}
