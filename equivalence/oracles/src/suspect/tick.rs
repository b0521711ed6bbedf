//! What `suspect.tick` must do.

use super::definitions::{make_ping, make_tat_measure, say_again};
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::suspect::State;
use wire::prime::Prime;
use wire::{Config, Effect, Monitoring, Time};

/// Once a period others are pinged, the leader is reported, and more is said again (4.2, Figure 4,
/// B1, C1, D1).
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    rules: &Monitoring,
    now: Time,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("suspect.tick", config, before);
    if before.tick_at.is_some_and(|due| due <= now) {
        expected.since("the next is due in a period; `make_ping`, `make_tat_measure`, `say_again`");
        expected.state.tick_at = Some(now.after(rules.period));
        make_ping(&mut expected, now);
        make_tat_measure(&mut expected, rules, now);
        say_again(&mut expected);
    }
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::kit::{
        LEADER, config, each_trips, effects, matrix, owes, report, state, trips,
    };
    use prime::suspect::State;
    use wire::prime::{ProofMatrix, RttPing, TatMeasure, TatUb};
    use wire::{Time, To, View};

    fn due(at: Option<u64>) -> State {
        let mut state = state();
        (state.tick_at, state.announced) = (at.map(Time), 70);
        state.open = vec![owes(450, 2)];
        state
    }

    #[test]
    fn a_round_pings_reports_and_says_again() {
        let (config, rules, now) = (config(), report(), Time(510));
        let mut after = due(Some(610));
        (after.ping_seq, after.pings) = (1, [(1, now)].into());
        let view = View(1);
        let made = effects(|e| {
            e.send(To::Others, RttPing { view, seq: 1 });
            e.send(To::All, TatMeasure { view, tat: 60 });
            e.send(To::Others, TatUb { view, alpha: 70 });
            e.send(To::One(LEADER), ProofMatrix { matrix: matrix(2) });
        });
        for at in [500, 510] {
            let before = due(Some(at));
            each_trips(
                &after,
                |after| check(&config, &before, &rules, now, after, &made),
                &[
                    ("tick_at", |s| s.tick_at = Some(Time(600))),
                    ("tick_at", |s| s.tick_at = None),
                    ("pings", |s| s.pings.clear()),
                ],
            );
            for lost in 0..4 {
                let mut fewer = made.clone();
                fewer.remove(lost);
                trips(check(&config, &before, &rules, now, &after, &fewer), "effect");
            }
            let mut turned = made.clone();
            turned.swap(0, 1);
            trips(check(&config, &before, &rules, now, &after, &turned), "effect 0");
        }
        for at in [Some(511), None] {
            let before = due(at);
            assert_eq!(check(&config, &before, &rules, now, &before, &[]), Ok(()));
            trips(check(&config, &before, &rules, now, &after, &made), "effect 0");
            trips(check(&config, &before, &rules, now, &due(Some(610)), &[]), "[tick_at");
        }
    }
}
