//! What `view_change.retire` must do.

use super::definitions::{changing, judge, prune};
use crate::Finding;
use crate::expected::Expected;
use prime::view_change::State;
use wire::{Config, Seq};

/// What a stable checkpoint covers is dropped.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(config: &Config, before: &State, floor: Seq, after: &State) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("view_change.retire", config, before);
    expected.since("certificates that are followed, Pre-Prepares up to `floor`, then `prune`");
    let followers = before.installs.iter();
    let covering = followers.filter(|(_, held)| held.resolution.start_seq() <= floor.next());
    let last = covering.map(|(view, _)| *view).max();
    expected.state.installs.retain(|view, _| last.is_none_or(|last| *view >= last));
    expected.state.proposals.retain(|&(seq, _), _| seq > floor);
    if !changing(before) {
        prune(&mut expected.state);
    }
    judge(&expected, after, &[])
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{
        changing, config, entry, hold, install, proposal, resolution, trips,
    };
    use prime::view_change::State;
    use wire::{Seq, View};

    /// Views 1, 2, 3 with numbers of their own from 6, 8 and 10 on; 9 is bound by the last.
    fn state() -> State {
        let mut state = changing(3);
        state.rounds.clear();
        state.installed = View(3);
        for (view, base) in [(1, 4), (2, 6), (3, 8)] {
            let install = install(view, &resolution(base, &[true]));
            hold(&mut state, &install.resolution);
            state.installs.insert(View(view), install);
        }
        state
    }

    /// Without the certificates of these views, and what only they name.
    fn without(views: &[u64], floor: u64) -> State {
        let mut after = state();
        for view in views {
            let gone = after.installs.remove(&View(*view)).unwrap();
            after.resolutions.remove(&gone.resolution.digest());
        }
        after.proposals.retain(|&(seq, _), _| seq > Seq(floor));
        after
    }

    #[test]
    fn the_views_to_which_numbers_belong_keep_their_certificates() {
        let (config, before) = (config(), state());
        for (floor, gone) in
            [(4, &[][..]), (5, &[]), (6, &[]), (7, &[1]), (8, &[1]), (9, &[1, 2]), (99, &[1, 2])]
        {
            let after = without(gone, floor);
            assert_eq!(check(&config, &before, Seq(floor), &after), Ok(()));
            let mut lost = after.clone();
            lost.installs.pop_last();
            trips(check(&config, &before, Seq(floor), &lost), "installs");
            let mut lost = after.clone();
            lost.resolutions.pop_last();
            trips(check(&config, &before, Seq(floor), &lost), "resolutions");
            let mut kept = after.clone();
            kept.proposals.extend([entry(&proposal(2, floor))]);
            trips(check(&config, &before, Seq(floor), &kept), "proposals");
        }
        trips(check(&config, &before, Seq(7), &without(&[], 7)), "resolutions");
        trips(check(&config, &before, Seq(8), &without(&[1, 2], 8)), "resolutions");
    }

    #[test]
    fn a_change_under_way_keeps_what_it_uses() {
        let (config, mut before) = (config(), state());
        let used = resolution(11, &[true]);
        hold(&mut before, &used);
        assert_eq!(check(&config, &before, Seq(7), &without(&[1], 7)), Ok(()));
        before.preinstalled = View(4);
        let mut after = before.clone();
        after.installs.remove(&View(1));
        after.proposals.retain(|&(seq, _), _| seq > Seq(7));
        assert_eq!(check(&config, &before, Seq(7), &after), Ok(()));
        after.resolutions.remove(&used.digest());
        trips(check(&config, &before, Seq(7), &after), "resolutions");
    }
}
