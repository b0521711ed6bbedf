//! What `suspect.on_rtt_ping` must do.

use super::definitions::heard;
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::suspect::State;
use wire::prime::{Prime, RttPing, RttPong};
use wire::{Config, Effect, Monitoring, Time, To, Verified};

/// A ping of another server is answered to it alone (4.2, Figure 4, B4 and B5).
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    rules: &Monitoring,
    now: Time,
    message: &Verified<RttPing>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("suspect.on_rtt_ping", config, before);
    let (pinger, &RttPing { view, seq }) = (message.signer(), message.body());
    if heard(&mut expected, rules, now, pinger, view, pinger != before.me) {
        expected.since("emits the RTT-Pong (view, pinger, count) to the signer alone");
        expected.send(To::One(pinger), RttPong { view, pinger, seq });
    }
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::definitions::allowance;
    use crate::suspect::kit::{ME, config, each_trips, effects, reject, rules, sign, state, trips};
    use prime::suspect::State;
    use wire::prime::{RttPing, RttPong};
    use wire::{Reject, ReplicaId, Time, To, View};

    const NOW: Time = Time(50);

    fn ping(view: u64) -> RttPing {
        RttPing { view: View(view), seq: 9 }
    }

    #[test]
    fn a_ping_is_counted_and_answered_to_the_pinger() {
        let (config, rules, before, message) = (config(), rules(), state(), sign(3, ping(1)));
        let pong = |pinger, seq| RttPong { view: View(1), pinger: ReplicaId(pinger), seq };
        let made = effects(|e| e.send(To::One(ReplicaId(3)), pong(3, 9)));
        let mut after = before.clone();
        after.taken[2] = 1;
        each_trips(
            &after,
            |after| check(&config, &before, &rules, NOW, &message, after, &made),
            &[("taken", |s| s.taken[2] = 0), ("counted_from", |s| s.counted_from = NOW)],
        );
        for wrong in [
            effects(|e| e.send(To::All, pong(3, 9))),
            effects(|e| e.send(To::One(ReplicaId(3)), pong(1, 9))),
            effects(|e| e.send(To::One(ReplicaId(3)), pong(3, 10))),
            vec![],
        ] {
            trips(check(&config, &before, &rules, NOW, &message, &after, &wrong), "effect");
        }
    }

    #[test]
    fn view_then_signer_then_share() {
        let (config, rules, mut before) = (config(), rules(), state());
        before.taken = vec![allowance(&config); 4];
        for (by, view, reason) in [
            (ME.0, 2, Reject::WrongView),
            (3, 0, Reject::WrongView),
            (ME.0, 1, Reject::NotEntitled),
            (3, 1, Reject::Full),
        ] {
            let (message, refused) = (sign(by, ping(view)), [reject(by, reason)]);
            let check = |after: &State, made: &[_]| {
                check(&config, &before, &rules, NOW, &message, after, made)
            };
            assert_eq!(check(&before, &refused), Ok(()));
            for other in [Reject::WrongView, Reject::NotEntitled, Reject::Full] {
                if other != reason {
                    trips(check(&before, &[reject(by, other)]), "effect 0");
                }
            }
            let mut counted = before.clone();
            counted.taken[usize::from(by) - 1] += 1;
            trips(check(&counted, &refused), "taken");
        }
    }

    #[test]
    fn a_new_period_brings_everybody_a_new_share() {
        let (config, rules, mut before) = (config(), rules(), state());
        before.taken = vec![allowance(&config); 4];
        let (message, full) = (sign(3, ping(1)), [reject(3, Reject::Full)]);
        assert_eq!(check(&config, &before, &rules, Time(99), &message, &before, &full), Ok(()));
        let mut after = before.clone();
        (after.counted_from, after.taken) = (Time(100), vec![0, 0, 1, 0]);
        let pong = RttPong { view: View(1), pinger: ReplicaId(3), seq: 9 };
        let made = effects(|e| e.send(To::One(ReplicaId(3)), pong));
        assert_eq!(check(&config, &before, &rules, Time(100), &message, &after, &made), Ok(()));
        trips(check(&config, &before, &rules, Time(99), &message, &after, &made), "effect 0");
        trips(check(&config, &before, &rules, Time(100), &message, &before, &full), "effect 0");
    }
}
