//! What `order.retransmit` must do.

use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::order::State;
use wire::prime::Prime;
use wire::{Config, Effect, Time, To};

/// How many rows the matrices of the lowest unordered numbers have that are spoken of.
const ROWS: usize = 256;

/// What this server said about unordered numbers is said again.
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
    let mut expected = Expected::unchanged("order.retransmit", config, before);
    if now >= before.retransmit_at {
        expected
            .since("of the lowest slots above `ordered`, what was accepted and said is relayed");
        expected.state.retransmit_at = now.after(config.timing.retransmit);
        let open = before.slots.iter().filter(|(seq, _)| **seq > before.ordered);
        for (seq, slot) in open.take(ROWS / config.size()) {
            let accepted = slot.pre_prepare.clone().filter(|_| *seq <= before.accepted);
            accepted.into_iter().for_each(|it| expected.relay(To::Others, it));
            let (prepare, commit) = (slot.prepares.get(&before.me), slot.commits.get(&before.me));
            prepare.into_iter().for_each(|it| expected.relay(To::Others, it.clone()));
            commit.into_iter().for_each(|it| expected.relay(To::Others, it.clone()));
        }
    }
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::order::kit::{
        accepted, at, commit, config, effects, ordered, prepare, proposal, slot, state, trips,
    };
    use prime::order::State;
    use wire::prime::{Incoming, Prime};
    use wire::{Config, Digest, Effect, Seq, Time, To};

    /// Ordered up to 3, accepted up to 5; 6 to 8 have come.
    fn busy() -> State {
        let mut state = state();
        ordered(&mut state, 3);
        accepted(&mut state, 5);
        (3..9).for_each(|n| *at(&mut state, n) = slot(&proposal(n), &[1, 3], &[]));
        *at(&mut state, 5) = slot(&proposal(5), &[1, 4], &[1, 3]);
        state.retransmit_at = Time(10);
        state
    }

    fn said(numbers: std::ops::Range<u64>) -> Vec<Effect<Prime>> {
        let relay = |message: Incoming| Effect::Relay { to: To::Others, message };
        effects(|e| {
            for n in numbers {
                if n <= 5 {
                    e.push(relay(proposal(n).into()));
                }
                e.push(relay(prepare(1, &proposal(n)).into()));
                if n == 5 {
                    e.push(relay(commit(1, &proposal(n)).into()));
                }
            }
        })
    }

    #[test]
    fn the_lowest_open_numbers_are_spoken_of_as_many_as_have_256_rows() {
        let (few, before) = (config(), busy());
        // Of 64 servers' matrices these are four.
        let config = Config::new(Digest::default(), 64, 21, 0);
        let now = Time(10);
        let mut after = before.clone();
        after.retransmit_at = now.after(config.timing.retransmit);
        assert_eq!(check(&config, &before, now, &after, &said(4..8)), Ok(()));
        trips(check(&config, &before, now, &after, &said(4..9)), "effect 7");
        trips(check(&config, &before, now, &after, &said(4..7)), "effects");
        trips(check(&config, &before, now, &after, &said(3..7)), "effect 0");
        trips(check(&config, &before, now, &before, &said(4..8)), "retransmit_at");
        let mut unaccepted = said(4..8);
        unaccepted.insert(5, Effect::Relay { to: To::Others, message: proposal(6).into() });
        trips(check(&config, &before, now, &after, &unaccepted), "effect 5");
        assert_eq!(check(&few, &before, now, &after, &said(4..9)), Ok(()));
        trips(check(&few, &before, now, &after, &said(4..8)), "effects");
    }

    #[test]
    fn not_before_its_time_and_only_its_own_votes() {
        let (config, before) = (config(), busy());
        assert_eq!(check(&config, &before, Time(9), &before, &[]), Ok(()));
        trips(check(&config, &before, Time(9), &before, &said(4..8)), "effect 0");
        let mut foreign = said(4..8);
        let message = prepare(3, &proposal(4)).into();
        foreign[1] = Effect::Relay { to: To::Others, message };
        let mut after = before.clone();
        after.retransmit_at = Time(10).after(config.timing.retransmit);
        trips(check(&config, &before, Time(10), &after, &foreign), "effect 1");
        after.slots.remove(&Seq(4));
        trips(check(&config, &before, Time(10), &after, &said(4..8)), "slots");
    }
}
