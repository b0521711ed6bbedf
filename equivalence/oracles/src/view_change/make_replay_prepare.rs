//! What `view_change.make_replay_prepare` must do.

use super::definitions::{judge, round, round_mut};
use crate::Finding;
use crate::expected::Expected;
use prime::view_change::State;
use wire::prime::{Prime, ReplayPrepare};
use wire::{Config, Effect, To};

/// The Replay held is accepted once, logged, flooded and, but by its leader, voted for.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("view_change.make_replay_prepare", config, before);
    let view = before.preinstalled;
    let open = round(before).filter(|round| round.prepared.is_none());
    if let Some(replay) = open.and_then(|round| round.replay.as_ref()) {
        expected.since("`prepared` becomes its digest, `Persist` as `Held`, `Relay`, the promise");
        let (digest, leader) = (replay.digest(), config.leader_of(view));
        round_mut(&mut expected.state, view).prepared = Some(digest);
        expected.hold(replay.clone());
        if before.me != leader {
            for other in config.replicas().filter(|&i| i != leader && i != before.me) {
                expected.relay(To::One(other), replay.clone());
            }
            expected.promise(To::All, ReplayPrepare { view, digest });
        }
    }
    judge(&expected, after, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{
        changing, config, constraint, effects, held, keep, now_in, relayed, replay, resolution,
        trips,
    };
    use wire::prime::ReplayPrepare;
    use wire::{ReplicaId, To, View};

    #[test]
    fn it_is_logged_flooded_and_voted_for_once() {
        let (config, mut before) = (config(), changing(5));
        let chosen = replay(&constraint(5, &resolution(4, &[])));
        now_in(&mut before).replay = Some(chosen.clone());
        let mut after = before.clone();
        now_in(&mut after).prepared = Some(chosen.digest());
        let vote = ReplayPrepare { view: View(5), digest: chosen.digest() };
        let made = effects(|e| {
            keep(e, chosen.clone());
            for i in [3, 4] {
                e.push(relayed(To::One(ReplicaId(i)), chosen.clone()));
            }
            e.promise(To::All, vote.clone());
        });
        assert_eq!(check(&config, &before, &after, &made), Ok(()));
        trips(check(&config, &before, &before, &made), "prepared");
        trips(check(&config, &before, &after, &made[..3]), "effects");
        let mut swapped = made.clone();
        swapped.swap(1, 2);
        trips(check(&config, &before, &after, &swapped), "effect 1");
        let late = effects(|e| {
            e.promise(To::All, vote);
            keep(e, chosen.clone());
        });
        trips(check(&config, &before, &after, &late), "effect 0");
        // Once only; another one that came since is not voted for.
        assert_eq!(check(&config, &after, &after, &[]), Ok(()));
        let other = replay(&constraint(5, &resolution(5, &[])));
        now_in(&mut after).replay = Some(other);
        assert_eq!(check(&config, &after, &after, &[]), Ok(()));
        trips(check(&config, &after, &after, &made), "effect 0");
        assert_eq!(check(&config, &changing(5), &changing(5), &[]), Ok(()));
    }

    #[test]
    fn the_leader_logs_and_does_not_vote() {
        let (config, mut before) = (config(), changing(4));
        let chosen = replay(&constraint(4, &resolution(4, &[])));
        now_in(&mut before).replay = Some(chosen.clone());
        let mut after = before.clone();
        now_in(&mut after).prepared = Some(chosen.digest());
        let mut made = vec![held(chosen.clone())];
        assert_eq!(check(&config, &before, &after, &made), Ok(()));
        let vote = ReplayPrepare { view: View(4), digest: chosen.digest() };
        made.extend(effects(|e| e.promise(To::All, vote)));
        trips(check(&config, &before, &after, &made), "effect 1");
    }
}
