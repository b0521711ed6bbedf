//! What `suspect.on_proposal` must do.

use super::definitions::end;
use crate::Finding;
use crate::expected::Expected;
use crate::pre_order::covers;
use prime::suspect::{Awaited, State};
use std::collections::BTreeSet;
use wire::prime::Matrix;
use wire::{Config, Monitoring, ReplicaId, Time};

/// What the valid Pre-Prepares cover is measured (4.2, "Suspect-Leader Protocol").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    rules: &Monitoring,
    now: Time,
    blacklist: &BTreeSet<ReplicaId>,
    preceding: &Matrix,
    after: &State,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("suspect.on_proposal", config, before);
    expected.since("what is covered leaves `open`, and its age is kept");
    end(&mut expected, rules, now, |awaited| match awaited {
        Awaited::Matrix(matrix) => covers::expected(blacklist, preceding, matrix),
        Awaited::Replay(_) => false,
    });
    expected.judge_state(after)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::kit::{
        LEADER, config, each_trips, matrix, owes, owes_replay, report, rules, state, trips,
    };
    use prime::suspect::{Measurement, State};
    use std::collections::BTreeSet;
    use wire::Time;

    const NOW: Time = Time(100);

    fn owing(open: &[Measurement], samples: &[(u64, u64)]) -> State {
        let mut state = state();
        state.open = open.to_vec();
        state.samples = samples.iter().map(|&(ended, tat)| (Time(ended), tat)).collect();
        state.watch_at = Some(Time(110));
        state
    }

    #[test]
    fn all_that_is_covered_ends_in_order() {
        let (config, nobody) = (config(), BTreeSet::new());
        let open = [owes(40, 1), owes_replay(50), owes(60, 3), owes(70, 2)];
        let left = [owes_replay(50), owes(60, 3)];
        let before = owing(&open, &[(80, 5)]);
        let robust = owing(&left, &[(80, 5), (100, 60), (100, 30)]);
        each_trips(
            &robust,
            |after| check(&config, &before, &rules(), NOW, &nobody, &matrix(2), after),
            &[
                ("open", |s| s.open.insert(0, owes(40, 1))),
                ("open", |s| drop(s.open.remove(0))),
                ("open", |s| drop(s.open.remove(1))),
                ("samples", |s| s.samples.swap(1, 2)),
                ("samples", |s| s.samples.truncate(2)),
                ("watch_at", |s| s.watch_at = None),
            ],
        );
        let largest = owing(&left, &[(100, 60)]);
        let judge =
            |after: &State| check(&config, &before, &report(), NOW, &nobody, &matrix(2), after);
        assert_eq!(judge(&largest), Ok(()));
        trips(judge(&robust), "[samples");
    }

    #[test]
    fn nothing_open_needs_no_watch_and_the_blacklisted_need_no_cover() {
        let (config, rules, nobody) = (config(), rules(), BTreeSet::new());
        let before = owing(&[owes(40, 3)], &[]);
        assert_eq!(check(&config, &before, &rules, NOW, &nobody, &matrix(2), &before), Ok(()));
        let mut after = owing(&[], &[(100, 60)]);
        trips(check(&config, &before, &rules, NOW, &nobody, &matrix(2), &after), "[open");
        for (blacklist, proposed) in [(BTreeSet::from([LEADER]), 2), (nobody, 3)] {
            let proposed = matrix(proposed);
            after.watch_at = None;
            let judge =
                |after: &State| check(&config, &before, &rules, NOW, &blacklist, &proposed, after);
            assert_eq!(judge(&after), Ok(()));
            after.watch_at = Some(Time(110));
            trips(judge(&after), "[watch_at");
            trips(judge(&before), "[open");
        }
    }
}
