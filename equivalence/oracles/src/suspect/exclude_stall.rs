//! What `suspect.exclude_stall` must do.

use crate::Finding;
use crate::expected::Expected;
use prime::suspect::State;
use wire::{Config, Monitoring, Time};

/// The time for which this server did not run is no fault of the leader.
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
    let mut expected = Expected::unchanged("suspect.exclude_stall", config, before);
    let reached = before.watch_at.filter(|&at| at <= now);
    if let (Some(at), Some(least)) = (reached, rules.stall_min) {
        expected.since("`since` grows by the time not run, up to `now`; `watch_at` moves on");
        let stalled = now.since(at);
        if stalled > least {
            for owed in &mut expected.state.open {
                owed.since = owed.since.after(stalled).min(now);
            }
        }
        expected.state.watch_at = Some(now.after(least));
    }
    expected.judge_state(after)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::kit::{config, each_trips, owes, owes_replay, report, rules, state, trips};
    use prime::suspect::State;
    use wire::Time;

    fn open(since: [u64; 2], watch_at: Option<u64>) -> State {
        let mut state = state();
        state.open = vec![owes(since[0], 1), owes_replay(since[1])];
        state.watch_at = watch_at.map(Time);
        state
    }

    #[test]
    fn the_time_not_run_is_taken_out_of_all_that_is_open() {
        let (config, rules, before) = (config(), rules(), open([80, 120], Some(100)));
        each_trips(
            &open([130, 150], Some(160)),
            |after| check(&config, &before, &rules, Time(150), after),
            &[
                ("open", |s| s.open[0].since = Time(80)),
                ("open", |s| s.open[0].since = Time(150)),
                ("open", |s| s.open[1].since = Time(170)),
                ("watch_at", |s| s.watch_at = Some(Time(110))),
                ("watch_at", |s| s.watch_at = None),
            ],
        );
    }

    #[test]
    fn a_short_delay_only_moves_the_watch_and_nothing_happens_before() {
        let (config, rules, before) = (config(), rules(), open([80, 90], Some(100)));
        let check = |now, after: &State| check(&config, &before, &rules, Time(now), after);
        assert_eq!(check(110, &open([80, 90], Some(120))), Ok(()));
        trips(check(110, &open([90, 100], Some(120))), "[open");
        assert_eq!(check(111, &open([91, 101], Some(121))), Ok(()));
        trips(check(111, &open([80, 90], Some(121))), "[open");
        assert_eq!(check(100, &open([80, 90], Some(110))), Ok(()));
        trips(check(100, &before), "[watch_at");
        assert_eq!(check(99, &before), Ok(()));
        trips(check(99, &open([80, 90], Some(109))), "[watch_at");
    }

    #[test]
    fn who_excludes_nothing_or_awaits_nothing_does_not_watch() {
        let (config, watched) = (config(), open([80, 120], Some(100)));
        assert_eq!(check(&config, &watched, &report(), Time(150), &watched), Ok(()));
        let idle = open([80, 120], None);
        assert_eq!(check(&config, &idle, &rules(), Time(150), &idle), Ok(()));
        let moved = open([80, 120], Some(160));
        trips(check(&config, &watched, &report(), Time(150), &moved), "[watch_at");
        trips(check(&config, &idle, &rules(), Time(150), &moved), "[watch_at");
    }
}
