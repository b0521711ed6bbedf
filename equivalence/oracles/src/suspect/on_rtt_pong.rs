//! What `suspect.on_rtt_pong` must do.

use super::definitions::heard;
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::suspect::State;
use wire::prime::{Prime, RttMeasure, RttPong};
use wire::{Config, Effect, Monitoring, Reject, Time, To, Verified};

/// Who answers an own ping is told how far away it is (4.2, Figure 4, B6 to B8).
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    rules: &Monitoring,
    now: Time,
    message: &Verified<RttPong>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("suspect.on_rtt_pong", config, before);
    let (to, &RttPong { view, pinger, seq }) = (message.signer(), message.body());
    let entitled = pinger == before.me && to != before.me;
    if heard(&mut expected, rules, now, to, view, entitled) {
        if seq > before.ping_seq {
            expected.since("rejects `Invalid` if no such ping was sent");
            expected.reject(to, Reject::Invalid);
        } else if seq <= before.answered[to.index()] {
            expected.since("rejects `Duplicate` if the signer answered that ping or a later one");
            expected.reject(to, Reject::Duplicate);
        } else if let Some(&sent) = before.pings.get(&seq) {
            expected.since("the RTT-Measure goes to the signer, whose last answer becomes this");
            expected.state.answered[to.index()] = seq;
            expected.send(To::One(to), RttMeasure { view, to, rtt: now.since(sent) });
        } else {
            expected.since("rejects `Stale` if the ping is no longer waited for");
            expected.reject(to, Reject::Stale);
        }
    }
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::definitions::allowance;
    use crate::suspect::kit::{ME, config, each_trips, effects, reject, rules, sign, state, trips};
    use prime::suspect::State;
    use wire::prime::{RttMeasure, RttPong};
    use wire::{Reject, ReplicaId, Time, To, View};

    const NOW: Time = Time(50);

    fn pong(view: u64, pinger: u16, seq: u64) -> RttPong {
        RttPong { view: View(view), pinger: ReplicaId(pinger), seq }
    }

    /// Pings 1 to 6 were sent, 3 to 6 are waited for, server 3 answered 3.
    fn pinged() -> State {
        let mut state = state();
        (state.ping_seq, state.answered) = (6, vec![0, 0, 3, 0]);
        state.pings = [(3, 30), (4, 33), (5, 40), (6, 45)].map(|(i, at)| (i, Time(at))).into();
        state
    }

    #[test]
    fn the_time_from_the_ping_goes_to_who_answered() {
        let (config, rules, before) = (config(), rules(), pinged());
        let message = sign(3, pong(1, ME.0, 4));
        let measure = |to, rtt| RttMeasure { view: View(1), to: ReplicaId(to), rtt };
        let made = effects(|e| e.send(To::One(ReplicaId(3)), measure(3, 17)));
        let mut after = before.clone();
        (after.taken[2], after.answered[2]) = (1, 4);
        each_trips(
            &after,
            |after| check(&config, &before, &rules, NOW, &message, after, &made),
            &[
                ("answered", |s| s.answered[2] = 3),
                ("taken", |s| s.taken[2] = 0),
                ("pings", |s| s.pings.retain(|&seq, _| seq != 4)),
            ],
        );
        for wrong in [
            effects(|e| e.send(To::Others, measure(3, 17))),
            effects(|e| e.send(To::One(ReplicaId(3)), measure(3, 5))),
            effects(|e| e.send(To::One(ReplicaId(3)), measure(1, 17))),
            vec![],
        ] {
            trips(check(&config, &before, &rules, NOW, &message, &after, &wrong), "effect");
        }
    }

    #[test]
    fn rejects_stand_in_their_order() {
        let (config, rules) = (config(), rules());
        let full = allowance(&config);
        for (by, answer, taken, reason, counted) in [
            (ME.0, pong(2, 3, 9), full, Reject::WrongView, 0),
            (3, pong(1, 4, 9), full, Reject::NotEntitled, 0),
            (ME.0, pong(1, ME.0, 9), full, Reject::NotEntitled, 0),
            (3, pong(1, ME.0, 9), full, Reject::Full, 0),
            (3, pong(1, ME.0, 7), full - 1, Reject::Invalid, 1),
            (3, pong(1, ME.0, 3), 0, Reject::Duplicate, 1),
            (3, pong(1, ME.0, 2), 0, Reject::Duplicate, 1),
            (4, pong(1, ME.0, 2), 0, Reject::Stale, 1),
            (4, pong(1, ME.0, 0), 0, Reject::Duplicate, 1),
        ] {
            let mut before = pinged();
            let index = usize::from(by) - 1;
            before.taken[index] = taken;
            let (message, mut after) = (sign(by, answer), before.clone());
            after.taken[index] += counted;
            let check = |after: &State, made: &[_]| {
                check(&config, &before, &rules, NOW, &message, after, made)
            };
            assert_eq!(check(&after, &[reject(by, reason)]), Ok(()));
            trips(check(&after, &[reject(by, Reject::Malformed)]), "effect 0");
            trips(check(&after, &[]), "effects");
            after.taken[index] = taken + 1 - counted;
            trips(check(&after, &[reject(by, reason)]), "taken");
        }
    }
}
