//! What `checkpoint.make_checkpoint_proof` must do.

use super::definitions::judge;
use crate::Finding;
use crate::expected::Expected;
use prime::checkpoint::State;
use wire::prime::Prime;
use wire::{Config, Effect, Reject, ReplicaId, Seq, Time, To};

/// The proof of the state on offer is shown to a server, now and then.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    now: Time,
    peer: ReplicaId,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("checkpoint.make_checkpoint_proof", config, before);
    let offered = before.marks.get(&before.offered).and_then(|mark| mark.proof.as_ref());
    if peer == before.me || before.offered == Seq(0) {
        return judge(&expected, after, effects);
    }
    let shown = before.shown[peer.index()];
    if shown.is_some_and(|at| now.since(at) < config.timing.retransmit) {
        expected.since("rejects `Full` if it was shown one less than `timing.retransmit` before");
        expected.reject(peer, Reject::Full);
    } else if let Some(proof) = offered {
        expected.since("the proof of the mark `offered` goes to the peer, and `shown` says when");
        expected.state.shown[peer.index()] = Some(now);
        expected.send(To::One(peer), proof.clone());
    }
    judge(&expected, after, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Finding;
    use crate::checkpoint::kit::{
        config, effects, preceding, proof, proved, reject, trips, with_marks,
    };
    use prime::checkpoint::State;
    use wire::prime::Prime;
    use wire::{Effect, Reject, ReplicaId, Seq, Time, To};

    /// Server 3 was last shown a proof at `shown`.
    fn outcome(
        (shown, now, peer): (Option<u64>, u64, u16),
        offered: u64,
        after: Option<u64>,
        made: &[Effect<Prime>],
    ) -> Result<(), Finding> {
        let with = |at: Option<u64>| -> State {
            let mut state = with_marks(&[1, 2]);
            proved(&mut state, &[1, 2]);
            state.offered = Seq(offered);
            state.shown[2] = at.map(Time);
            state
        };
        check(&config(), &with(shown), Time(now), ReplicaId(peer), &with(after), made)
    }

    fn shown(number: u64, to: To) -> Vec<Effect<Prime>> {
        effects(|e| e.send(to, proof(number, &[2, 3, 4], preceding(number))))
    }

    #[test]
    fn what_is_on_offer_is_shown_once_in_a_period() {
        let (period, third) = (config().timing.retransmit, To::One(ReplicaId(3)));
        for case in [(None, 5, 3), (Some(5), 5 + period, 3)] {
            let now = Some(case.1);
            assert_eq!(outcome(case, 10, now, &shown(1, third)), Ok(()));
            trips(outcome(case, 10, now, &shown(2, third)), "effect 0");
            trips(outcome(case, 10, now, &shown(1, To::All)), "effect 0");
            trips(outcome(case, 10, now, &[]), "effects");
            trips(outcome(case, 10, case.0, &shown(1, third)), "shown");
        }
        let early = (Some(5), 4 + period, 3);
        assert_eq!(outcome(early, 10, Some(5), &[reject(3, Reject::Full)]), Ok(()));
        trips(outcome(early, 10, Some(4 + period), &shown(1, third)), "effect 0");
        trips(outcome(early, 10, Some(5), &[]), "effects");
    }

    #[test]
    fn nothing_is_shown_to_oneself_or_without_an_offer() {
        for (peer, offered) in [(1, 10), (3, 0)] {
            assert_eq!(outcome((None, 5, peer), offered, None, &[]), Ok(()));
            let made = shown(1, To::One(ReplicaId(peer)));
            trips(outcome((None, 5, peer), offered, None, &made), "effect 0");
        }
    }
}
