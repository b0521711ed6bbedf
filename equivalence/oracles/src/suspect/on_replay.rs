//! What `suspect.on_replay` must do.

use super::definitions::end;
use crate::Finding;
use crate::expected::Expected;
use prime::suspect::{Awaited, State};
use wire::{Config, Monitoring, Time};

/// Any valid Replay of the view is what its leader owes (5.3, "Replay Phase").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    rules: &Monitoring,
    now: Time,
    after: &State,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("suspect.on_replay", config, before);
    expected
        .since("`replay_asked` is set; the first that awaits a Replay ends, and its age is kept");
    expected.state.replay_asked = true;
    let mut ended = false;
    end(&mut expected, rules, now, |awaited| {
        matches!(awaited, Awaited::Replay(_)) && !std::mem::replace(&mut ended, true)
    });
    expected.judge_state(after)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::kit::{config, each_trips, owes, owes_replay, rules, state, trips};
    use prime::suspect::{Measurement, State};
    use wire::Time;

    const NOW: Time = Time(100);

    fn owing(open: &[Measurement], sample: Option<u64>, asked: bool) -> State {
        let mut state = state();
        state.open = open.to_vec();
        state.samples = sample.map(|tat| (NOW, tat)).into_iter().collect();
        (state.replay_asked, state.watch_at) = (asked, Some(Time(110)));
        state
    }

    #[test]
    fn the_replay_ends_what_awaits_one() {
        let (config, rules) = (config(), rules());
        let before = owing(&[owes(40, 1), owes_replay(50), owes(60, 3)], None, true);
        each_trips(
            &owing(&[owes(40, 1), owes(60, 3)], Some(50), true),
            |after| check(&config, &before, &rules, NOW, after),
            &[
                ("open", |s| s.open.push(owes_replay(50))),
                ("open", |s| drop(s.open.pop())),
                ("samples", |s| s.samples.clear()),
                ("samples", |s| s.samples[0].1 = 60),
                ("replay_asked", |s| s.replay_asked = false),
                ("watch_at", |s| s.watch_at = None),
            ],
        );
        // The first alone.
        let before = owing(&[owes_replay(50), owes_replay(60)], None, true);
        let after = owing(&[owes_replay(60)], Some(50), true);
        assert_eq!(check(&config, &before, &rules, NOW, &after), Ok(()));
        let (before, mut after) =
            (owing(&[owes_replay(50)], None, true), owing(&[], Some(50), true));
        trips(check(&config, &before, &rules, NOW, &after), "[watch_at");
        after.watch_at = None;
        assert_eq!(check(&config, &before, &rules, NOW, &after), Ok(()));
    }

    #[test]
    fn a_replay_that_comes_unasked_need_not_be_asked_for() {
        let (config, rules) = (config(), rules());
        let (before, after) =
            (owing(&[owes(40, 1)], None, false), owing(&[owes(40, 1)], None, true));
        assert_eq!(check(&config, &before, &rules, NOW, &after), Ok(()));
        trips(check(&config, &before, &rules, NOW, &before), "[replay_asked");
        let sampled = owing(&[owes(40, 1)], Some(60), true);
        trips(check(&config, &before, &rules, NOW, &sampled), "[samples");
    }
}
