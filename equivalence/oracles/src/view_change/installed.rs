//! What `view_change.installed` must return.

use super::definitions::{commits, holds, list, resolution_of, round, view_of};
use crate::{Finding, answer};
use prime::view_change::State;
use wire::prime::InstallCertificate;
use wire::{Config, Seq};

/// The certificate of the highest view that can be installed now.
///
/// # Errors
/// The answer is not what the contract calls for.
pub fn check(
    state: &State,
    config: &Config,
    ordered: Seq,
    executed: Seq,
    got: &Option<InstallCertificate>,
) -> Result<(), Finding> {
    let usable = |install: &InstallCertificate| {
        view_of(install) > state.installed
            && install.resolution.base <= ordered
            && holds(state, resolution_of(install), executed)
    };
    // Of two of one view the last is taken: the own one.
    let candidates = state.offered.values().cloned().chain(own(config, state));
    let highest = candidates.filter(usable).max_by_key(view_of);
    answer("view_change.installed", &highest, got)
}

/// Made of the Replay held, at least Q Replay-Commits for it, and its resolution.
fn own(config: &Config, state: &State) -> Option<InstallCertificate> {
    let round = round(state)?;
    let replay = round.replay.as_ref()?.signed().clone();
    let votes = commits(config, round)?;
    let resolution = state.resolutions.get(&replay.body.constraint.resolution)?.clone();
    let commits = list(votes.iter().map(|vote| vote.signed().clone()).collect());
    Some(InstallCertificate { replay, commits, resolution })
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{
        changing, commits, config, constraint, hold, install, install_by, now_in, replay,
        resolution, trips,
    };
    use prime::view_change::State;
    use wire::prime::InstallCertificate;
    use wire::{ReplicaId, Seq, View};

    #[track_caller]
    fn finds(state: &State, ordered: u64, executed: u64, wanted: Option<&InstallCertificate>) {
        let (config, ordered, executed) = (config(), Seq(ordered), Seq(executed));
        assert_eq!(check(state, &config, ordered, executed, &wanted.cloned()), Ok(()));
        let other = wanted.is_none().then(|| install(9, &resolution(0, &[])));
        trips(check(state, &config, ordered, executed, &other), "view_change.installed");
        if let Some(mut install) = wanted.cloned() {
            install.commits = super::list(install.commits[1..].to_vec());
            let short = check(state, &config, ordered, executed, &Some(install));
            trips(short, "view_change.installed");
        }
    }

    #[test]
    fn the_highest_offered_that_can_be_used() {
        let (low, high) = (resolution(4, &[true]), resolution(6, &[true]));
        let (lower, higher) = (install(6, &low), install(7, &high));
        let mut state = changing(5);
        state.offered = [(View(6), lower.clone()), (View(7), higher.clone())].into();
        finds(&state, 9, 9, None);
        hold(&mut state, &low);
        hold(&mut state, &high);
        finds(&state, 6, 4, Some(&higher));
        finds(&state, 5, 4, Some(&lower));
        finds(&state, 3, 3, None);
        state.proposals.pop_last();
        finds(&state, 6, 6, Some(&lower));
        finds(&state, 7, 7, Some(&higher));
        (state.installed, state.preinstalled) = (View(7), View(7));
        finds(&state, 9, 9, None);
    }

    #[test]
    fn the_own_one_with_all_its_commits_goes_first_in_its_view() {
        let found = resolution(4, &[true]);
        let mut state = changing(5);
        hold(&mut state, &found);
        let chosen = replay(&constraint(5, &found));
        now_in(&mut state).replay = Some(chosen.clone());
        now_in(&mut state).commits = commits(&[1, 2], &chosen);
        finds(&state, 4, 4, None);
        now_in(&mut state).commits = commits(&[1, 2, 3, 4], &chosen);
        let all = install_by(&[1, 2, 3, 4], 5, &found);
        finds(&state, 4, 4, Some(&all));
        finds(&state, 3, 3, None);
        state.offered = [(View(5), install(5, &found))].into();
        finds(&state, 4, 4, Some(&all));
        let higher = install(6, &found);
        state.offered.insert(View(6), higher.clone());
        finds(&state, 4, 4, Some(&higher));
        state.offered.clear();
        // Votes for another Replay do not count.
        let other = commits(&[3], &replay(&constraint(5, &resolution(5, &[]))));
        now_in(&mut state).commits.extend(other);
        now_in(&mut state).commits.remove(&ReplicaId(4));
        finds(&state, 4, 4, None);
    }
}
