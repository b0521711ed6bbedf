//! Time, compared on the same inputs.

use super::{Plan, Voters};
use crate::case::Case;

/// What a version may take beyond twice the others' median. Unit: nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slack {
    /// In one call.
    pub(super) once: u64,
    /// In the mean call.
    pub(super) mean: u64,
}

impl Slack {
    /// To look at each of the thousand things that some bounds allow takes 50 us, and the compiler may spare
    /// the reference that where it cannot spare the same text in another crate.
    const FUNCTION: Self = Self { once: 60_000, mean: 2_000 };

    /// A state of a version's own is made anew for each call: it lies in memory that nobody has
    /// touched, and whatever such a state works out once and keeps is worked out every time. The
    /// reference itself, as such a version, takes up to 15 us longer in one call and 2.5 us in the mean.
    /// Prompts for whole components name both numbers (`patcher/src/prompt/whole.rs`): change them together.
    const WHOLE: Self = Self { once: 200_000, mean: 20_000 };

    pub(super) const fn of(plan: &Plan) -> Self {
        if plan.whole { Self::WHOLE } else { Self::FUNCTION }
    }
}

/// What one call counts at most towards the mean: beyond that it is the machine's doing, or found
/// by itself. Unit: nanoseconds.
pub(super) const CLIP: u64 = 100_000;

/// Runs in a row that confirm a suspicion, and how often all versions have their turn.
const AGAIN: usize = 5;
const ROUNDS: usize = 3;

fn median_of_others(times: &[Option<u64>], but: usize) -> Option<u64> {
    let others = times.iter().enumerate().filter(|(at, _)| *at != but);
    let mut others: Vec<u64> = others.filter_map(|(_, time)| *time).collect();
    others.sort_unstable();
    others.get(others.len() / 2).copied()
}

/// Time and bound of `voter`, if the time lies above it.
fn excess(times: &[Option<u64>], voter: usize, slack: u64) -> Option<(u64, u64)> {
    let (time, median) = (times.get(voter).copied().flatten()?, median_of_others(times, voter)?);
    let bound = median.saturating_mul(2).saturating_add(slack);
    (time > bound).then_some((time, bound))
}

/// The least time of each version over several runs of a case. Each runs by itself and its outcome
/// is dropped at once: whoever runs while others' outcomes are alive pays for fresh memory.
fn least_times(voters: &Voters<'_>, case: &Case) -> Vec<Option<u64>> {
    let mut least: Vec<Option<u64>> = vec![None; voters.active.len()];
    for _ in 0..ROUNDS {
        for (voter, least) in least.iter_mut().enumerate().filter(|(at, _)| voters.active[*at]) {
            for _ in 0..AGAIN {
                let ran = voters.run_one(case, voter);
                let time = ran.ok().map(|outcome| outcome.nanoseconds);
                *least = (*least).into_iter().chain(time).min();
            }
        }
    }
    least
}

/// Versions that took too long for one case, each with its least time and the bound, after running
/// the case again: what the machine did meanwhile is no version's fault.
pub(super) fn slow(
    voters: &Voters<'_>,
    case: &Case,
    times: &[Option<u64>],
    slack: u64,
) -> Vec<(usize, u64, u64)> {
    let suspect = |voter: &usize| excess(times, *voter, slack).is_some();
    if times.iter().flatten().all(|time| *time <= slack) || !(1..times.len()).any(|v| suspect(&v)) {
        return Vec::new();
    }
    let least = least_times(voters, case);
    let suspects = (1..times.len()).filter(suspect);
    let confirmed = suspects
        .filter_map(|voter| excess(&least, voter, slack).map(|(time, bound)| (voter, time, bound)));
    confirmed.collect()
}

/// Least times of each version over some cases, summed up.
pub(super) fn least_sums(
    voters: &Voters<'_>,
    cases: impl Iterator<Item = Case>,
) -> Vec<Option<u64>> {
    let mut sums: Vec<Option<u64>> = voters.active.iter().map(|_| Some(0)).collect();
    for case in cases {
        let least = least_times(voters, &case);
        for (sum, least) in sums.iter_mut().zip(least) {
            *sum = sum.zip(least).map(|(sum, least)| sum + least);
        }
    }
    sums
}

/// Versions whose mean call takes too long, each with its mean and the bound.
pub(super) fn slow_on_the_whole(means: &[Option<u64>], slack: u64) -> Vec<(usize, u64, u64)> {
    let each = (1..means.len())
        .filter_map(|voter| excess(means, voter, slack).map(|(mean, bound)| (voter, mean, bound)));
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_held_against_the_others() {
        let times = [Some(1_000), Some(1_200), Some(62_500), None];
        let Slack { once, mean } = Slack::FUNCTION;
        assert_eq!(excess(&times, 2, once), Some((62_500, 62_400)));
        assert_eq!(excess(&times, 1, once), None);
        assert_eq!(excess(&times, 3, once), None);
        assert_eq!(excess(&times, 2, Slack::WHOLE.once), None);
        assert_eq!(slow_on_the_whole(&times, mean), vec![(2, 62_500, 4_400)]);
        assert!(slow_on_the_whole(&[Some(5)], mean).is_empty());
    }
}
