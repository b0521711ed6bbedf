//! What `view_change.on_install_certificate` must do.

use super::definitions::{judge, names, proven, signers, view_of};
use crate::Finding;
use crate::expected::Expected;
use prime::view_change::State;
use std::collections::{BTreeMap, BTreeSet};
use wire::auth::Context;
use wire::prime::{InstallCertificate, Prime};
use wire::{Config, Effect, Reject, Seq, Verified, View};

/// A view that Q servers committed is offered.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<InstallCertificate>,
    ordered: Seq,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("view_change.on_install_certificate", config, before);
    let (sender, install) = (message.signer(), message.body());
    let view = view_of(install);
    let mut offered = before.offered.clone();
    offered.insert(view, install.clone());
    let staying = staying(&offered, ordered);
    if view <= before.installed {
        expected.since("rejects `Stale` if v is at or below `state.installed`");
        expected.reject(sender, Reject::Stale);
    } else if before.offered.contains_key(&view) {
        expected.since("rejects `Duplicate` if `offered` has one of v");
        expected.reject(sender, Reject::Duplicate);
    } else if !valid(config, message) {
        expected.since("rejects `Invalid` unless leader, proof, resolution and Q votes are right");
        expected.reject(sender, Reject::Invalid);
    } else if !staying.contains(&view) {
        expected.since("rejects `Premature` if it would not stay in `offered`");
        expected.reject(sender, Reject::Premature);
    } else {
        expected.since("it enters `offered`, of which two stay, and its resolution `resolutions`");
        offered.retain(|view, _| staying.contains(view));
        expected.state.offered = offered;
        let resolution = install.resolution.clone();
        expected.state.resolutions.insert(resolution.digest(), resolution);
    }
    judge(&expected, after, effects)
}

/// The highest view, and the highest of those with a base at or below `ordered`.
fn staying(offered: &BTreeMap<View, InstallCertificate>, ordered: Seq) -> BTreeSet<View> {
    let usable = offered.iter().filter(|(_, held)| held.resolution.base <= ordered);
    let highest = offered.keys().max().into_iter();
    highest.chain(usable.map(|(view, _)| view).max()).copied().collect()
}

/// Its leader's Replay, proven, with its resolution, for which Q servers voted.
fn valid(config: &Config, message: &Verified<InstallCertificate>) -> bool {
    let InstallCertificate { replay: signed, commits, resolution } = message.body();
    let replay = message.replay(&Context::from(config));
    let constraint = &signed.body.constraint;
    let votes = signers(commits, |vote| {
        (vote.body.view, vote.body.digest) == (constraint.view, replay.digest())
    });
    signed.signer == config.leader_of(constraint.view)
        && proven(config, constraint, &signed.body.proof)
        && names(constraint, resolution)
        && votes >= config.quorum()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{
        changing, chooses, commits, config, constraint, install, install_by, proof, reject,
        resolution, sign, signed, trips,
    };
    use prime::view_change::State;
    use wire::prime::InstallCertificate;
    use wire::{Reject, Seq, View};

    const ORDERED: Seq = Seq(4);

    /// That base, in that view.
    fn of(view: u64, base: u64) -> InstallCertificate {
        install(view, &resolution(base, &[true]))
    }

    /// Those are offered, and their resolutions held.
    fn offered(of_views: &[(u64, u64)]) -> State {
        let mut state = changing(5);
        state.installed = View(3);
        for &(view, base) in of_views {
            let install = of(view, base);
            state.resolutions.insert(install.resolution.digest(), install.resolution.clone());
            state.offered.insert(View(view), install);
        }
        state
    }

    #[test]
    fn two_stay_the_highest_and_the_highest_that_can_be_used() {
        let config = config();
        for (held, new, kept) in [
            (&[][..], (4, 9), &[(4, 9)][..]),
            (&[], (9, 4), &[(9, 4)]),
            (&[(6, 9)], (4, 4), &[(4, 4), (6, 9)]),
            (&[(4, 4), (6, 9)], (7, 9), &[(4, 4), (7, 9)]),
            (&[(4, 4), (6, 9)], (5, 4), &[(5, 4), (6, 9)]),
            (&[(4, 4), (6, 9)], (7, 4), &[(7, 4)]),
            (&[(6, 4)], (7, 5), &[(6, 4), (7, 5)]),
        ] {
            let (before, message) = (offered(held), sign(3, of(new.0, new.1)));
            let mut after = offered(kept);
            after.resolutions.extend(before.resolutions.clone());
            assert_eq!(check(&config, &before, &message, ORDERED, &after, &[]), Ok(()));
            trips(check(&config, &before, &message, ORDERED, &before, &[]), "[");
            let mut greedy = after.clone();
            greedy.offered.extend([(View(99), of(8, 9))]);
            trips(check(&config, &before, &message, ORDERED, &greedy, &[]), "offered");
            let mut lost = after.clone();
            lost.resolutions.clear();
            trips(check(&config, &before, &message, ORDERED, &lost, &[]), "resolutions");
        }
    }

    #[test]
    fn stale_then_known_then_invalid_then_useless() {
        let (config, before) = (config(), offered(&[(4, 4), (6, 9)]));
        let right = of(7, 4);
        let mut unproven = right.clone();
        let few = chooses(proof(&[1, 2, 2], &right.replay.body.constraint));
        unproven.replay = sign(4, few).signed().clone();
        let mut stranger = right.clone();
        let body = right.replay.body.clone();
        stranger.replay = sign(2, body).signed().clone();
        stranger.commits = signed(&commits(&[1, 2, 4], &sign(2, right.replay.body.clone())));
        let mut other = right.clone();
        other.resolution = resolution(4, &[false]);
        let mut misnamed = right.clone();
        let mut wrong = constraint(7, &right.resolution);
        wrong.start_seq = Seq(9);
        let replay = sign(4, chooses(proof(&[1, 2, 3], &wrong)));
        misnamed.replay = replay.signed().clone();
        misnamed.commits = signed(&commits(&[1, 2, 4], &replay));
        let mut foreign = right;
        foreign.commits = of(11, 4).commits;
        let few = |view, base| install_by(&[1, 2], view, &resolution(base, &[true]));
        for (install, reason) in [
            (few(3, 4), Reject::Stale),
            (few(6, 9), Reject::Duplicate),
            (few(7, 4), Reject::Invalid),
            (unproven, Reject::Invalid),
            (stranger, Reject::Invalid),
            (other, Reject::Invalid),
            (misnamed, Reject::Invalid),
            (foreign, Reject::Invalid),
            (few(5, 9), Reject::Invalid),
            (of(5, 9), Reject::Premature),
        ] {
            let message = sign(3, install);
            let refused = [reject(3, reason)];
            assert_eq!(check(&config, &before, &message, ORDERED, &before, &refused), Ok(()));
            let next = [reject(3, Reject::Full)];
            trips(check(&config, &before, &message, ORDERED, &before, &next), "effect 0");
            trips(check(&config, &before, &message, ORDERED, &before, &[]), "effects");
            let mut taken = before.clone();
            taken.offered.insert(View(9), message.body().clone());
            trips(check(&config, &before, &message, ORDERED, &taken, &refused), "offered");
        }
    }
}
