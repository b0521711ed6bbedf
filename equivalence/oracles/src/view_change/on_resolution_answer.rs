//! What `view_change.on_resolution_answer` must do.

use super::definitions::{judge, needed};
use crate::Finding;
use crate::expected::Expected;
use prime::view_change::State;
use wire::prime::{Prime, ResolutionAnswer};
use wire::{Config, Effect, Reject, Verified};

/// A resolution that is needed and lacking is taken: its digest proves it.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<ResolutionAnswer>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("view_change.on_resolution_answer", config, before);
    let resolution = &message.body().resolution;
    let digest = resolution.digest();
    if before.resolutions.contains_key(&digest) {
        expected.since("rejects `Duplicate` if a resolution with its digest is held");
        expected.reject(message.signer(), Reject::Duplicate);
    } else if !needed(config, before).contains(&digest) {
        expected.since("rejects `Stale` if its digest is not in `state.needed`");
        expected.reject(message.signer(), Reject::Stale);
    } else {
        expected.since("otherwise it enters `state.resolutions` under its digest");
        expected.state.resolutions.insert(digest, resolution.clone());
    }
    judge(&expected, after, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{
        changing, commits, config, constraint, deliver, install, now_in, reject, replay,
        resolution, sign, statement, trips,
    };
    use prime::view_change::State;
    use wire::prime::{Resolution, ResolutionAnswer};
    use wire::{Reject, View};

    /// Whether this state takes `wanted`.
    #[track_caller]
    fn takes(before: &State, wanted: &Resolution, needed: bool) {
        let config = config();
        let message = sign(3, ResolutionAnswer { resolution: wanted.clone() });
        let mut after = before.clone();
        after.resolutions.insert(wanted.digest(), wanted.clone());
        let stale = [reject(3, Reject::Stale)];
        let taken = check(&config, before, &message, &after, &[]);
        let refused = check(&config, before, &message, before, &stale);
        if needed {
            assert_eq!(taken, Ok(()));
            trips(refused, "effect 0");
            trips(check(&config, before, &message, before, &[]), "resolutions");
        } else {
            assert_eq!(refused, Ok(()));
            trips(taken, "effects");
            trips(check(&config, before, &message, &after, &stale), "resolutions");
        }
    }

    #[test]
    fn what_is_needed_is_taken_and_nothing_else() {
        let (mut before, wanted) = (changing(5), resolution(4, &[true]));
        takes(&before, &wanted, false);
        let mut stated = before.clone();
        deliver(&mut stated, &[4], &statement(0, Some((3, &wanted))));
        takes(&stated, &wanted, true);
        takes(&stated, &resolution(4, &[]), false);
        let mut offered = before.clone();
        offered.offered.extend([(View(6), install(6, &wanted))]);
        takes(&offered, &wanted, true);
        // What the leader chose counts once Q servers committed it.
        let chosen = replay(&constraint(5, &wanted));
        now_in(&mut before).replay = Some(chosen.clone());
        now_in(&mut before).commits = commits(&[2, 4], &chosen);
        takes(&before, &wanted, false);
        now_in(&mut before).commits = commits(&[2, 3, 4], &chosen);
        takes(&before, &wanted, true);
    }

    #[test]
    fn what_is_held_is_not_taken_again() {
        let (config, mut before) = (config(), changing(5));
        let held = resolution(4, &[true]);
        before.resolutions.insert(held.digest(), held.clone());
        let message = sign(3, ResolutionAnswer { resolution: held });
        let duplicate = [reject(3, Reject::Duplicate)];
        assert_eq!(check(&config, &before, &message, &before, &duplicate), Ok(()));
        let stale = [reject(3, Reject::Stale)];
        trips(check(&config, &before, &message, &before, &stale), "effect 0");
    }
}
