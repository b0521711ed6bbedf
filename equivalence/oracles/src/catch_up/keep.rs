//! What `catch_up.keep` must do.

use crate::Finding;
use crate::expected::Expected;
use prime::catch_up::{Certificate, State};
use prime::order::OrderSlot;
use wire::{Config, Seq};

/// Why a number counts as ordered is kept, unless a view change ordered it.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    seq: Seq,
    slot: &OrderSlot,
    after: &State,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("catch_up.keep", config, before);
    if let Some(pre_prepare) = slot.pre_prepare.clone().filter(|_| !slot.replayed) {
        expected.since("keeps the Pre-Prepare and the Commits of its view and digest, ascending");
        let (view, digest) = (pre_prepare.body().view, pre_prepare.digest());
        let votes = slot.commits.values();
        let votes = votes.filter(|vote| (vote.body().view, vote.body().digest) == (view, digest));
        let commits = votes.cloned().collect();
        expected.state.archive.insert(seq, Certificate { pre_prepare, commits });
    }
    expected.judge_state(after)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::order::kit::{ME, commit, commit_body, config, done, other, proposal, sign, trips};
    use prime::catch_up::{Certificate, State};
    use wire::prime::Commit;
    use wire::{ReplicaId, Seq, Verified, View};

    fn kept(n: u64, by: &[Verified<Commit>]) -> State {
        let mut state = State::new(&config(), ME);
        let certificate = Certificate { pre_prepare: proposal(4), commits: by.to_vec() };
        state.archive.insert(Seq(n), certificate);
        state
    }

    #[test]
    fn the_commits_for_the_pre_prepare_are_kept_ascending() {
        let (config, before, proposal) = (config(), State::new(&config(), ME), proposal(4));
        let mut slot = done(&proposal);
        slot.commits.insert(ReplicaId(4), commit(4, &other(4)));
        let by = |i| commit(i, &proposal);
        let judge = |after: &State| check(&config, &before, Seq(4), &slot, after);
        assert_eq!(judge(&kept(4, &[by(1), by(2), by(3)])), Ok(()));
        for wrong in [
            kept(4, &[by(1), by(2)]),
            kept(4, &[by(2), by(1), by(3)]),
            kept(4, &[by(1), by(2), by(3), commit(4, &other(4))]),
            kept(5, &[by(1), by(2), by(3)]),
            before.clone(),
        ] {
            trips(judge(&wrong), "[archive");
        }
        // One for the same digest in another view.
        let stray = sign(4, Commit { view: View(2), ..commit_body(&proposal) });
        let mut slot = done(&proposal);
        slot.commits.insert(ReplicaId(4), stray.clone());
        let after = kept(4, &[by(1), by(2), by(3), stray]);
        trips(check(&config, &before, Seq(4), &slot, &after), "[archive");
    }

    #[test]
    fn what_a_view_change_bound_is_not_kept() {
        let (config, before, proposal) = (config(), State::new(&config(), ME), proposal(4));
        let mut slot = done(&proposal);
        slot.replayed = true;
        assert_eq!(check(&config, &before, Seq(4), &slot, &before), Ok(()));
        let by = [1, 2, 3].map(|i| commit(i, &proposal));
        trips(check(&config, &before, Seq(4), &slot, &kept(4, &by)), "[archive");
    }
}
