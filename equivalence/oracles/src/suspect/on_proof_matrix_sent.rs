//! What `suspect.on_proof_matrix_sent` must do.

use super::definitions::{MAX_OPEN, leads, watch};
use crate::Finding;
use crate::expected::Expected;
use prime::suspect::{Awaited, Measurement, State};
use wire::prime::Matrix;
use wire::{Config, Monitoring, Time};

/// The leader is measured by what it is asked to cover (4.2, "Suspect-Leader Protocol").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    rules: &Monitoring,
    now: Time,
    matrix: &Matrix,
    after: &State,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("suspect.on_proof_matrix_sent", config, before);
    let asked = |owed: &Measurement| match &owed.awaited {
        Awaited::Matrix(asked) => says_the_same(asked, matrix),
        Awaited::Replay(_) => false,
    };
    if !leads(config, before) && before.open.len() < MAX_OPEN && !before.open.iter().any(asked) {
        expected.since("a measurement since `now` is added at the end, and the clock is watched");
        let awaited = Awaited::Matrix(matrix.clone());
        expected.state.open.push(Measurement { since: now, awaited });
        watch(&mut expected, rules, now);
    }
    expected.judge_state(after)
}

/// Whether both hold the same vectors of the same servers, however signed.
fn says_the_same(one: &Matrix, other: &Matrix) -> bool {
    let said = |matrix: &Matrix| {
        let rows = matrix.rows.iter();
        rows.map(|row| row.as_ref().map(|row| (row.signer, row.body.clone()))).collect::<Vec<_>>()
    };
    said(one) == said(other)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::definitions::MAX_OPEN;
    use crate::suspect::kit::{
        config, each_trips, leading, matrix, owes, owes_replay, report, rules, state, trips,
    };
    use prime::suspect::{Awaited, State};
    use wire::Time;

    const NOW: Time = Time(90);

    fn owing(count: u64) -> State {
        let mut state = state();
        state.open = (1..=count).map(|own| owes(own, own)).collect();
        state.watch_at = Some(Time(70)).filter(|_| count > 0);
        state
    }

    #[test]
    fn what_is_asked_is_measured_from_now_behind_the_others() {
        let config = config();
        for (rules, count, watch_at) in
            [(rules(), 0, Some(100)), (rules(), 2, Some(70)), (report(), 0, None)]
        {
            let (before, mut after) = (owing(count), owing(count));
            after.open.push(owes(90, 9));
            after.watch_at = watch_at.map(Time);
            each_trips(
                &after,
                |after| check(&config, &before, &rules, NOW, &matrix(9), after),
                &[
                    ("open", |s| drop(s.open.pop())),
                    ("open", |s| s.open.insert(0, owes(90, 8))),
                    ("open", |s| s.open.last_mut().unwrap().since = Time(89)),
                    ("watch_at", |s| s.watch_at = Some(Time(90))),
                ],
            );
        }
    }

    #[test]
    fn the_leader_a_full_list_and_the_same_matrix_begin_nothing() {
        let (config, rules) = (config(), rules());
        let full = owing(MAX_OPEN as u64);
        // The same words under another signature.
        let mut resigned = owing(3);
        if let Awaited::Matrix(matrix) = &mut resigned.open[1].awaited {
            matrix.rows[1].as_mut().unwrap().auth.index ^= 1;
        }
        for (before, own) in [(leading(), 1), (full, 99), (owing(3), 2), (resigned, 2)] {
            assert_eq!(check(&config, &before, &rules, NOW, &matrix(own), &before), Ok(()));
            let mut begun = before.clone();
            begun.open.push(owes(90, own));
            trips(check(&config, &before, &rules, NOW, &matrix(own), &begun), "[open");
        }
        // One place is left; a Replay is no matrix.
        let mut before = owing(MAX_OPEN as u64 - 1);
        before.open[0] = owes_replay(1);
        let mut after = before.clone();
        after.open.push(owes(90, 1));
        assert_eq!(check(&config, &before, &rules, NOW, &matrix(1), &after), Ok(()));
        trips(check(&config, &before, &rules, NOW, &matrix(1), &before), "[open");
    }
}
