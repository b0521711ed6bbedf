//! What `suspect.make_ping` must do.

use super::definitions::make_ping;
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::suspect::State;
use wire::prime::Prime;
use wire::{Config, Effect, Time};

/// Every other server is pinged (4.2, Figure 4, B1 to B3).
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    now: Time,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("suspect.make_ping", config, before);
    expected.since("the next ping goes to the others and is waited for in place of the lowest");
    make_ping(&mut expected, now);
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::definitions::MAX_PINGS;
    use crate::suspect::kit::{config, each_trips, effects, state, trips};
    use prime::suspect::State;
    use wire::prime::RttPing;
    use wire::{Time, To, View};

    /// Pings `from` to `to` are waited for.
    fn pinged(from: u64, to: u64) -> State {
        let mut state = state();
        state.ping_seq = to;
        state.pings = (from..=to).map(|seq| (seq, Time(seq * 10))).collect();
        state
    }

    #[test]
    fn the_next_count_is_waited_for_and_goes_to_the_others() {
        let (config, most) = (config(), MAX_PINGS as u64);
        let ping = |to, seq| effects(|e| e.send(to, RttPing { view: View(1), seq }));
        for (from, to, first) in [(1, 0, 1), (1, most - 1, 1), (1, most, 2), (9, most + 8, 10)] {
            let (before, after) = (pinged(from, to), pinged(first, to + 1));
            let made = ping(To::Others, to + 1);
            each_trips(
                &after,
                |after| check(&config, &before, Time((to + 1) * 10), after, &made),
                &[
                    ("ping_seq", |s| s.ping_seq -= 1),
                    ("pings", |s| s.pings.clear()),
                    ("pings", |s| *s.pings.last_entry().unwrap().get_mut() = Time(0)),
                    ("pings", |s| _ = s.pings.insert(0, Time(10))),
                ],
            );
            for wrong in [ping(To::All, to + 1), ping(To::Others, to), vec![]] {
                trips(check(&config, &before, Time((to + 1) * 10), &after, &wrong), "effect");
            }
        }
    }
}
