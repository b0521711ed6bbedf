//! What `suspect.settle` must do.

use crate::Finding;
use crate::expected::Expected;
use prime::suspect::State;
use wire::{Config, View};

/// Once something is executed in the view, its proof is no longer shown to all.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(config: &Config, before: &State, view: View, after: &State) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("suspect.settle", config, before);
    if view == before.view {
        expected.since("`settled` is set if that is the preinstalled view");
        expected.state.settled = true;
    }
    expected.judge_state(after)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::kit::{config, each_trips, proof, state, trips};
    use wire::View;

    #[test]
    fn only_the_preinstalled_view_settles() {
        let (config, mut before) = (config(), state());
        before.proof = Some(proof(1, &[1, 2, 3]));
        let mut after = before.clone();
        after.settled = true;
        each_trips(
            &after,
            |after| check(&config, &before, View(1), after),
            &[("settled", |s| s.settled = false), ("proof", |s| s.proof = None)],
        );
        assert_eq!(check(&config, &after, View(1), &after), Ok(()));
        for view in [0, 2] {
            assert_eq!(check(&config, &before, View(view), &before), Ok(()));
            trips(check(&config, &before, View(view), &after), "[settled");
            assert_eq!(check(&config, &after, View(view), &after), Ok(()));
        }
    }
}
