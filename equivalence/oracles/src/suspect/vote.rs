//! What `suspect.vote` must do.

use super::definitions::vote;
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::suspect::State;
use wire::prime::Prime;
use wire::{Config, Effect};

/// The next view is voted for, once (4.2, Figure 4, E7).
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("suspect.vote", config, before);
    vote(&mut expected);
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::kit::{ME, config, each_trips, effects, state, trips, vote};
    use wire::prime::NewLeader;
    use wire::{To, View};

    #[test]
    fn the_next_view_is_voted_for_once() {
        let (config, before) = (config(), state());
        let sent = |to, view| effects(|e| e.send(to, NewLeader { view: View(view) }));
        let mut after = before.clone();
        after.suspects = true;
        let made = sent(To::All, 2);
        each_trips(
            &after,
            |after| check(&config, &before, after, &made),
            &[
                ("suspects", |s| s.suspects = false),
                ("view", |s| s.view.0 = 2),
                ("votes", |s| s.votes[0] = Some(vote(ME.0, 2))),
            ],
        );
        for wrong in [sent(To::Others, 2), sent(To::All, 3), sent(To::All, 1), vec![]] {
            trips(check(&config, &before, &after, &wrong), "effect");
        }
        assert_eq!(check(&config, &after, &after, &[]), Ok(()));
        trips(check(&config, &after, &after, &made), "effect 0");
        trips(check(&config, &after, &before, &[]), "[suspects");
    }
}
