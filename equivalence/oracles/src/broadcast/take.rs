//! What `broadcast.take` must do.

use crate::Finding;
use crate::expected::Expected;
use prime::broadcast::State;
use wire::prime::RbInit;
use wire::{Config, Verified};

/// What was delivered is handed on, once, in the order of delivery.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    after: &State,
    got: &[Verified<RbInit>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("broadcast.take", config, before);
    expected.since("empties `fresh`, returns the Init of each tag that stood there, in that order");
    expected.state.fresh.clear();
    let init = |tag| before.instances.get(tag).and_then(|known| known.init.as_ref());
    let inits: Vec<_> = before.fresh.iter().filter_map(init).collect();
    crate::answer(&expected.rule("answer"), &inits, &got.iter().collect())?;
    expected.judge_state(after)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::broadcast::kit::{TAG, at, config, init_of, state, trips};
    use prime::broadcast::Tag;

    #[test]
    fn what_was_delivered_is_handed_on_once() {
        let [first, second, third] = [0, 1, 2].map(|seq| Tag { seq, ..TAG });
        let mut before = state();
        for tag in [first, second, third] {
            at(&mut before, tag).init = Some(init_of(tag, 0));
        }
        before.fresh = vec![third, first];
        let mut after = before.clone();
        after.fresh.clear();
        let got = [third, first].map(|tag| init_of(tag, 0));
        assert_eq!(check(&config(), &before, &after, &got), Ok(()));
        trips(check(&config(), &before, &before, &got), "fresh");
        trips(check(&config(), &before, &after, &got[..1]), "answer");
        trips(
            check(&config(), &before, &after, &[first, third].map(|tag| init_of(tag, 0))),
            "answer",
        );
        after.instances.clear();
        trips(check(&config(), &before, &after, &got), "instances");
    }
}
