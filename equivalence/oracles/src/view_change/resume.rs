//! What `view_change.resume` must do.

use super::definitions::{judge, round};
use crate::Finding;
use crate::expected::Expected;
use prime::view_change::State;
use wire::prime::{Prime, ReplayCommit, ReplayPrepare, VcList};
use wire::{Config, Effect, To};

/// What the log promised about the change under way is said again, once.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("view_change.resume", config, before);
    let view = before.preinstalled;
    if let Some(round) = round(before) {
        expected.since("the list, the Replay, the own Replay-Prepare, the Replay-Commit, to all");
        if let Some(ids) = round.listed.clone() {
            expected.send(To::All, VcList { view, ids });
        }
        if let Some(replay) = round.promised.clone() {
            expected.send(To::All, replay);
        }
        if let Some(digest) = round.prepared.filter(|_| before.me != config.leader_of(view)) {
            expected.send(To::All, ReplayPrepare { view, digest });
        }
        if let Some(digest) = round.committed {
            expected.send(To::All, ReplayCommit { view, digest });
        }
    }
    judge(&expected, after, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{
        changing, chooses, config, constraint, digest, effects, ids, now_in, proof, resolution,
        sent, trips,
    };
    use prime::view_change::State;
    use wire::prime::{Prime, ReplayCommit, ReplayPrepare, VcList};
    use wire::{Effect, To, View};

    /// A server that promised all there is, and what it says again.
    fn promised(view: u64) -> (State, Vec<Effect<Prime>>) {
        let mut state = changing(view);
        let replay = chooses(proof(&[1, 2, 3], &constraint(view, &resolution(4, &[]))));
        let round = now_in(&mut state);
        (round.listed, round.promised) = (Some(ids(&[1, 2, 3])), Some(replay.clone()));
        (round.prepared, round.committed) = (Some(digest("any")), Some(digest("any")));
        let (view, digest) = (View(view), digest("any"));
        let said = [
            sent(To::All, VcList { view, ids: ids(&[1, 2, 3]) }),
            sent(To::All, replay),
            sent(To::All, ReplayPrepare { view, digest }),
            sent(To::All, ReplayCommit { view, digest }),
        ];
        (state, said.into())
    }

    #[test]
    fn all_that_was_promised_is_said_again() {
        let (config, (state, said)) = (config(), promised(5));
        assert_eq!(check(&config, &state, &state, &said), Ok(()));
        for left_out in 0..said.len() {
            let mut some = said.clone();
            some.remove(left_out);
            trips(check(&config, &state, &state, &some), "effect");
        }
        let logged =
            effects(|e| e.promise(To::All, VcList { view: View(5), ids: ids(&[1, 2, 3]) }));
        trips(check(&config, &state, &state, &logged), "effect 0");
        let mut swapped = said.clone();
        swapped.swap(2, 3);
        trips(check(&config, &state, &state, &swapped), "effect 2");
        let mut changed = state.clone();
        now_in(&mut changed).prepared = None;
        trips(check(&config, &state, &changed, &said), "prepared");
    }

    #[test]
    fn the_leader_does_not_vote_and_nothing_else_is_said() {
        let (config, (state, mut said)) = (config(), promised(4));
        trips(check(&config, &state, &state, &said), "effect 2");
        said.remove(2);
        assert_eq!(check(&config, &state, &state, &said), Ok(()));
        let (mut over, said) = promised(5);
        over.installed = View(5);
        assert_eq!(check(&config, &over, &over, &[]), Ok(()));
        trips(check(&config, &over, &over, &said), "effect 0");
        let fresh = changing(5);
        assert_eq!(check(&config, &fresh, &fresh, &[]), Ok(()));
        trips(check(&config, &fresh, &fresh, &said), "effect 0");
    }
}
