//! What `broadcast.on_rb_request` must do.

use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::broadcast::{State, Tag};
use wire::prime::{Prime, RbRequest};
use wire::{Config, Effect, Reject, Time, To, Verified};

/// Most Inits passed on to one server in a period.
const ANSWERS: u32 = 64;

/// Whoever lacks an Init that may be delivered is passed on what the originator signed.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    now: Time,
    message: &Verified<RbRequest>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("broadcast.on_rb_request", config, before);
    let RbRequest { originator, view, seq, digest } = *message.body();
    let (tag, signer) = (Tag { view, originator, seq }, message.signer());
    let held = before.instances.get(&tag).and_then(|instance| instance.init.as_ref());
    let asked = held.filter(|init| init.digest() == digest && signer != before.me);
    if let Some(init) = asked {
        let (since, count) = before.answered[signer.index()];
        let over = count == 0 || since.after(config.timing.retransmit) <= now;
        let (since, count) = if over { (now, 0) } else { (since, count) };
        if count < ANSWERS {
            expected.since("`answered` counts one more, and the Init goes to the signer alone");
            expected.state.answered[signer.index()] = (since, count + 1);
            expected.relay(To::One(signer), init.clone());
        } else {
            expected.since("rejects `Full` if it got its share in its period");
            expected.reject(signer, Reject::Full);
        }
    }
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::{ANSWERS, check};
    use crate::kit::{ME, config, effects, reject, sign, trips};
    use prime::broadcast::{Instance, State, Tag};
    use wire::prime::{Payload, Prime, RbInit, RbRequest, Report};
    use wire::{Digest, Effect, Reject, ReplicaId, Seq, Time, To, Verified, View};

    const TAG: Tag = Tag { view: View(1), originator: ReplicaId(2), seq: 0 };

    fn init() -> Verified<RbInit> {
        let report = Report { executed: Seq(0), count: 0, replay: None };
        sign(2, RbInit { view: TAG.view, seq: TAG.seq, payload: Payload::Report(report) })
    }

    fn state(answered: (u64, u32)) -> State {
        let mut state = State::new(&config(), ME);
        state.instances.insert(TAG, Instance { init: Some(init()), ..Instance::default() });
        state.answered[2] = (Time(answered.0), answered.1);
        state
    }

    fn ask(by: u16, digest: Digest) -> Verified<RbRequest> {
        let Tag { view, originator, seq } = TAG;
        sign(by, RbRequest { originator, view, seq, digest })
    }

    fn relayed(to: To) -> Vec<Effect<Prime>> {
        effects(|e| e.push(Effect::Relay { to, message: init().into() }))
    }

    #[test]
    fn the_init_goes_to_whoever_asked_and_is_counted() {
        let (config, message) = (config(), ask(3, init().digest()));
        let period = config.timing.retransmit;
        let to = To::One(ReplicaId(3));
        for (held, now, counted) in [
            ((0, 0), 5, (5, 1)),
            ((5, 1), 6, (5, 2)),
            ((5, ANSWERS), 5 + period, (5 + period, 1)),
            ((5, 7), 4 + period, (5, 8)),
        ] {
            let (before, after) = (state(held), state(counted));
            let check =
                |after, effects: &[_]| check(&config, &before, Time(now), &message, after, effects);
            assert_eq!(check(&after, &relayed(to)), Ok(()));
            trips(check(&after, &relayed(To::All)), "effect 0");
            trips(check(&before, &relayed(to)), "answered");
            trips(check(&after, &[]), "effects");
        }
    }

    #[test]
    fn nobody_gets_more_than_its_share_in_a_period() {
        let (config, before) = (config(), state((5, ANSWERS)));
        let (message, now) = (ask(3, init().digest()), Time(4 + config.timing.retransmit));
        let full = [reject(3, Reject::Full)];
        assert_eq!(check(&config, &before, now, &message, &before, &full), Ok(()));
        let more = (relayed(To::One(ReplicaId(3))), state((5, ANSWERS + 1)));
        trips(check(&config, &before, now, &message, &more.1, &more.0), "effect 0");
    }

    #[test]
    fn what_is_not_held_is_not_answered() {
        let (config, before) = (config(), state((0, 0)));
        let relay = relayed(To::One(ReplicaId(3)));
        for message in [ask(3, Digest::of("test", b"other")), ask(1, init().digest())] {
            assert_eq!(check(&config, &before, Time(5), &message, &before, &[]), Ok(()));
            trips(check(&config, &before, Time(5), &message, &before, &relay), "effect 0");
        }
    }
}
