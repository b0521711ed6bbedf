//! What `catch_up.make_catch_up_request` must do.

use super::ordering::Ordering;
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::catch_up::State;
use wire::prime::{CatchUpRequest, Prime};
use wire::{Config, Effect, Time, To};

/// How many times `timing.retransmit` it takes until a server speaks of itself without need.
const IDLE: u64 = 10;

/// Others are told how far this server is, soon while something is on its way, and now and then.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    now: Time,
    order: &Ordering,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("catch_up.make_catch_up_request", config, before);
    let wait = config.timing.retransmit;
    let coming = order.slots.keys().any(|&seq| seq > order.ordered);
    let busy = coming || order.preinstalled != order.view;
    let quiet = before.said_at <= now && now.since(before.said_at) >= wait;
    if now >= before.request_at || (busy && quiet) {
        expected
            .since("when it is time, the request goes to the others, and the next is due later");
        expected.send(
            To::Others,
            CatchUpRequest {
                view: order.preinstalled,
                installed: order.view,
                ordered: order.ordered,
                executed: order.retired,
            },
        );
        expected.state.said_at = now;
        expected.state.said = order.ordered;
        expected.state.request_at = now.after(wait.saturating_mul(IDLE));
    }
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::{IDLE, Ordering, check};
    use crate::order::kit::{ME, at, between, config, effects, ordered, state, trips};
    use prime::catch_up::State;
    use wire::prime::CatchUpRequest;
    use wire::{Config, Seq, Time, To, View};

    const NOW: Time = Time(1_000_000);

    fn said(at: u64, request_at: u64) -> State {
        let mut state = State::new(&config(), ME);
        (state.said_at, state.request_at, state.said) = (Time(at), Time(request_at), Seq(2));
        state
    }

    /// Numbers up to 3 are ordered, one of which was executed; something is known of `seq`.
    fn order(mut state: Ordering, seq: u64) -> Ordering {
        ordered(&mut state, 3);
        state.retired = Seq(1);
        at(&mut state, seq);
        state
    }

    fn judge(config: &Config, before: &State, order: &Ordering, due: bool) {
        let mut after = before.clone();
        (after.said_at, after.said) = (NOW, Seq(3));
        after.request_at = Time(NOW.0 + IDLE * config.timing.retransmit);
        let (view, installed) = (order.preinstalled, order.view);
        let request = CatchUpRequest { view, installed, ordered: Seq(3), executed: Seq(1) };
        let made = effects(|e| e.send(To::Others, request.clone()));
        let check = |after: &State, made: &[_]| check(config, before, NOW, order, after, made);
        if !due {
            assert_eq!(check(before, &[]), Ok(()));
            trips(check(&after, &made), "effect 0");
            return;
        }
        assert_eq!(check(&after, &made), Ok(()));
        trips(check(before, &[]), "effects");
        for wrong in [
            CatchUpRequest { view: View(9), ..request },
            CatchUpRequest { installed: View(9), ..request },
            CatchUpRequest { ordered: Seq(1), ..request },
            CatchUpRequest { executed: Seq(3), ..request },
        ] {
            trips(check(&after, &effects(|e| e.send(To::Others, wrong))), "effect 0");
        }
        trips(check(&after, &effects(|e| e.send(To::All, request))), "effect 0");
        for (place, wrong) in [
            ("[said_at", State { said_at: Time(0), ..after.clone() }),
            ("[said", State { said: Seq(2), ..after.clone() }),
            ("[request_at", State { request_at: NOW, ..after }),
        ] {
            trips(check(&wrong, &made), place);
        }
    }

    #[test]
    fn it_is_time_when_it_is_due_or_something_comes_and_little_was_said() {
        let config = config();
        let (now, early) = (NOW.0, NOW.0 - config.timing.retransmit);
        let (calm, busy) = (order(state(), 3), order(state(), 4));
        judge(&config, &said(now, now), &calm, true);
        judge(&config, &said(now, now), &order(between(), 3), true);
        judge(&config, &said(0, now + 1), &calm, false);
        judge(&config, &said(early, now + 1), &busy, true);
        judge(&config, &said(early + 1, now + 1), &busy, false);
        judge(&config, &said(early, now + 1), &order(between(), 3), true);
        judge(&config, &said(early + 1, now + 1), &order(between(), 3), false);
    }
}
