//! What `suspect.on_vc_proof` must do.

use super::definitions::{MAX_OPEN, leads, watch};
use crate::Finding;
use crate::expected::Expected;
use prime::suspect::{Awaited, Measurement, State};
use wire::prime::VcProof;
use wire::{Config, Monitoring, Time};

/// The leader is measured by the Replay that the view's first proof asks for (5.3, "Proof
/// Generation Phase").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    rules: &Monitoring,
    now: Time,
    proof: &VcProof,
    after: &State,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("suspect.on_vc_proof", config, before);
    let first = proof.constraint.view == before.view && !before.replay_asked;
    if first && !leads(config, before) {
        expected.since("a Replay is asked for, measured since `now`, and the clock is watched");
        expected.state.replay_asked = true;
        if before.open.len() < MAX_OPEN {
            let awaited = Awaited::Replay(Box::new(proof.clone()));
            expected.state.open.push(Measurement { since: now, awaited });
        }
        watch(&mut expected, rules, now);
    }
    expected.judge_state(after)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::definitions::MAX_OPEN;
    use crate::suspect::kit::{
        config, each_trips, leading, owes, owes_replay, report, rules, state, trips, vc_proof,
    };
    use prime::suspect::State;
    use wire::Time;

    const NOW: Time = Time(90);

    fn owing(count: u64) -> State {
        let mut state = state();
        state.open = (1..=count).map(|own| owes(own, own)).collect();
        state.watch_at = Some(Time(70)).filter(|_| count > 0);
        state
    }

    #[test]
    fn the_first_proof_begins_a_measurement() {
        let config = config();
        for (rules, count, watch_at) in
            [(rules(), 0, Some(100)), (rules(), 2, Some(70)), (report(), 0, None)]
        {
            let (before, mut after) = (owing(count), owing(count));
            after.open.push(owes_replay(90));
            (after.replay_asked, after.watch_at) = (true, watch_at.map(Time));
            each_trips(
                &after,
                |after| check(&config, &before, &rules, NOW, &vc_proof(1), after),
                &[
                    ("replay_asked", |s| s.replay_asked = false),
                    ("open", |s| drop(s.open.pop())),
                    ("open", |s| s.open.last_mut().unwrap().since = Time(89)),
                    ("watch_at", |s| s.watch_at = Some(Time(90))),
                ],
            );
        }
        let (before, mut after) = (owing(MAX_OPEN as u64), owing(MAX_OPEN as u64));
        after.replay_asked = true;
        assert_eq!(check(&config, &before, &rules(), NOW, &vc_proof(1), &after), Ok(()));
        after.open.push(owes_replay(90));
        trips(check(&config, &before, &rules(), NOW, &vc_proof(1), &after), "[open");
    }

    #[test]
    fn another_view_the_leader_and_a_second_proof_begin_nothing() {
        let (config, rules, mut asked) = (config(), rules(), state());
        asked.replay_asked = true;
        for (before, view) in [(state(), 0), (state(), 2), (leading(), 4), (asked, 1)] {
            assert_eq!(check(&config, &before, &rules, NOW, &vc_proof(view), &before), Ok(()));
            let mut begun = before.clone();
            (begun.replay_asked, begun.watch_at) = (true, Some(Time(100)));
            begun.open.push(owes_replay(90));
            trips(check(&config, &before, &rules, NOW, &vc_proof(view), &begun), "[");
        }
    }
}
