//! What `suspect.accuse` must do.

use super::definitions::vote;
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::suspect::State;
use wire::prime::Prime;
use wire::{Config, Effect, View};

/// A leader that contradicted itself is voted out at once, in whatever view it leads (5.3, last
/// paragraph).
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    view: View,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("suspect.accuse", config, before);
    let faulty = config.leader_of(view);
    expected.since("the leader of `view` enters `accused`");
    expected.state.accused.insert(faulty);
    if faulty == config.leader_of(before.view) {
        vote(&mut expected);
    }
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::kit::{LEADER, config, each_trips, effects, state, trips};
    use wire::prime::NewLeader;
    use wire::{ReplicaId, To, View};

    #[test]
    fn who_leads_now_is_voted_out_whenever_it_was_proven() {
        let (config, before) = (config(), state());
        let made = effects(|e| e.send(To::All, NewLeader { view: View(2) }));
        for view in [1, 5] {
            let mut after = before.clone();
            after.accused.insert(LEADER);
            after.suspects = true;
            each_trips(
                &after,
                |after| check(&config, &before, View(view), after, &made),
                &[
                    ("accused", |s| s.accused.clear()),
                    ("suspects", |s| s.suspects = false),
                    ("view", |s| s.view.0 = 2),
                ],
            );
            trips(check(&config, &before, View(view), &after, &[]), "effects");
            let logged = effects(|e| e.promise(To::All, NewLeader { view: View(2) }));
            trips(check(&config, &before, View(view), &after, &logged), "effect 0");
            let again = after.clone();
            assert_eq!(check(&config, &again, View(view), &after, &[]), Ok(()));
            trips(check(&config, &again, View(view), &after, &made), "effect 0");
        }
    }

    #[test]
    fn another_than_the_leader_is_only_noted() {
        let (config, before) = (config(), state());
        let mut after = before.clone();
        after.accused.insert(ReplicaId(3));
        assert_eq!(check(&config, &before, View(2), &after, &[]), Ok(()));
        trips(check(&config, &before, View(2), &before, &[]), "[accused");
        let made = effects(|e| e.send(To::All, NewLeader { view: View(2) }));
        trips(check(&config, &before, View(2), &after, &made), "effect 0");
    }
}
