//! What `view_change.on_resolution_request` must do.

use super::definitions::{judge, may_answer};
use crate::Finding;
use crate::expected::Expected;
use prime::view_change::State;
use wire::prime::{Prime, ResolutionAnswer, ResolutionRequest};
use wire::{Config, Effect, Reject, Time, To, Verified};

/// Whoever lacks a resolution that is held here is sent it.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    now: Time,
    message: &Verified<ResolutionRequest>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("view_change.on_resolution_request", config, before);
    let signer = message.signer();
    let held = before.resolutions.get(&message.body().digest);
    if let Some(resolution) = held.filter(|_| signer != before.me) {
        if may_answer(&mut expected.state, config, now, signer) {
            expected.since("a ResolutionAnswer is emitted as `Send` to the signer alone");
            let resolution = resolution.clone();
            expected.send(To::One(signer), ResolutionAnswer { resolution });
        } else {
            expected.since("rejects `Full` if it was answered `ANSWERS` times in its period");
            expected.reject(signer, Reject::Full);
        }
    }
    judge(&expected, after, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::definitions::ANSWERS;
    use crate::view_change::kit::{changing, config, reject, resolution, sent, sign, trips};
    use prime::view_change::State;
    use wire::prime::{ResolutionAnswer, ResolutionRequest};
    use wire::{Reject, ReplicaId, Time, To, Verified};

    fn ask(by: u16) -> Verified<ResolutionRequest> {
        sign(by, ResolutionRequest { digest: resolution(4, &[true]).digest() })
    }

    /// Holds the resolution; server 3 was answered so often since then.
    fn state(answered: (u64, u32)) -> State {
        let (mut state, held) = (changing(5), resolution(4, &[true]));
        state.resolutions.insert(held.digest(), held);
        state.answered[2] = (Time(answered.0), answered.1);
        state
    }

    #[test]
    fn it_goes_to_whoever_asked_and_is_counted() {
        let config = config();
        let period = config.timing.retransmit;
        let body = ResolutionAnswer { resolution: resolution(4, &[true]) };
        for (held, now, counted) in [
            ((0, 0), 5, (5, 1)),
            ((5, 1), 6, (5, 2)),
            ((5, ANSWERS - 1), 6, (5, ANSWERS)),
            ((5, ANSWERS), 5 + period, (5 + period, 1)),
        ] {
            let (before, after) = (state(held), state(counted));
            let check =
                |after, effects: &[_]| check(&config, &before, Time(now), &ask(3), after, effects);
            let made = [sent(To::One(ReplicaId(3)), body.clone())];
            assert_eq!(check(&after, &made), Ok(()));
            trips(check(&before, &made), "answered");
            trips(check(&after, &[sent(To::Others, body.clone())]), "effect 0");
            trips(check(&after, &[]), "effects");
        }
    }

    #[test]
    fn not_to_itself_nor_what_is_not_held_nor_more_than_a_share() {
        let config = config();
        let period = config.timing.retransmit;
        let (before, now) = (state((5, ANSWERS)), Time(4 + period));
        let body = ResolutionAnswer { resolution: resolution(4, &[true]) };
        let (full, made) = ([reject(3, Reject::Full)], [sent(To::One(ReplicaId(3)), body)]);
        assert_eq!(check(&config, &before, now, &ask(3), &before, &full), Ok(()));
        trips(check(&config, &before, now, &ask(3), &before, &made), "effect 0");
        let unknown = sign(3, ResolutionRequest { digest: resolution(3, &[]).digest() });
        for message in [ask(1), unknown] {
            assert_eq!(check(&config, &before, now, &message, &before, &[]), Ok(()));
            trips(check(&config, &before, now, &message, &before, &full), "effect 0");
        }
    }
}
