//! What `view_change.make_replay` must do.

use super::definitions::{judge, round, round_mut};
use crate::Finding;
use crate::expected::Expected;
use prime::view_change::State;
use wire::prime::{Prime, Replay, VcProof};
use wire::{Config, Effect, To};

/// The leader promises one Replay, of the proof that it holds.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("view_change.make_replay", config, before);
    let view = before.preinstalled;
    let leads = before.me == config.leader_of(view);
    let open = round(before).filter(|round| leads && round.promised.is_none());
    if let Some(VcProof { constraint, proof }) = open.and_then(|round| round.proof.clone()) {
        expected.since("`promised` becomes the Replay, and it is promised to all");
        let replay = Replay { constraint, proof };
        round_mut(&mut expected.state, view).promised = Some(replay.clone());
        expected.promise(To::All, replay);
    }
    judge(&expected, after, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{
        changing, chooses, config, constraint, effects, now_in, proof, resolution, sent, trips,
    };
    use prime::view_change::State;
    use wire::prime::Replay;
    use wire::{To, View};

    /// The state with a proof of `view`, the state after, and the Replay.
    fn with_proof(view: u64) -> (State, State, Replay) {
        let proof = proof(&[1, 2, 4], &constraint(view, &resolution(4, &[true])));
        let mut before = changing(view);
        now_in(&mut before).proof = Some(proof.clone());
        let (mut after, replay) = (before.clone(), chooses(proof));
        now_in(&mut after).promised = Some(replay.clone());
        (before, after, replay)
    }

    #[test]
    fn the_leader_promises_what_is_proven_once() {
        let (config, (before, mut after, replay)) = (config(), with_proof(4));
        let made = effects(|e| e.promise(To::All, replay.clone()));
        assert_eq!(check(&config, &before, &after, &made), Ok(()));
        trips(check(&config, &before, &after, &[sent(To::All, replay.clone())]), "effect 0");
        trips(check(&config, &before, &before, &made), "promised");
        trips(check(&config, &before, &before, &[]), "effects");
        let other = chooses(proof(&[1, 2, 3], &replay.constraint));
        let unlike = effects(|e| e.promise(To::All, other));
        trips(check(&config, &before, &after, &unlike), "effect 0");
        assert_eq!(check(&config, &after, &after, &[]), Ok(()));
        trips(check(&config, &after, &after, &made), "effect 0");
        after.installed = View(4);
        now_in(&mut after).promised = None;
        assert_eq!(check(&config, &after, &after, &[]), Ok(()));
    }

    #[test]
    fn nobody_else_and_nothing_unproven() {
        let (config, (before, after, replay)) = (config(), with_proof(5));
        let made = effects(|e| e.promise(To::All, replay));
        assert_eq!(check(&config, &before, &before, &[]), Ok(()));
        trips(check(&config, &before, &after, &made), "effect 0");
        assert_eq!(check(&config, &changing(4), &changing(4), &[]), Ok(()));
    }
}
