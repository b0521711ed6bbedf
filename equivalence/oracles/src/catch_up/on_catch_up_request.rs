//! What `catch_up.on_catch_up_request` must do.

use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::catch_up::{Answered, Certificate, State};
use wire::prime::{CatchUpRequest, OrderedCertificate, Prime};
use wire::{Config, Effect, List, Reject, Seq, Time, To, Verified};

/// Most certificates sent for one request.
const CERTIFICATES: u64 = 32;

/// Most certificates sent to one server in a period.
const ANSWERS: u64 = 128;

/// Who is behind is shown what was ordered next.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    now: Time,
    message: &Verified<CatchUpRequest>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("catch_up.on_catch_up_request", config, before);
    let (signer, ordered) = (message.signer(), message.body().ordered);
    let lacks = |seq: Seq| seq > ordered && seq.0 - ordered.0 <= CERTIFICATES;
    let answer = || before.archive.iter().filter(|&(&seq, _)| lacks(seq));
    if answer().next().is_some() && signer != before.me {
        let held = before.answered[signer.index()];
        let over = held.count == 0 || held.since.after(config.timing.retransmit) <= now;
        let Answered { since, count, upto } =
            if over { Answered { since: now, count: 0, upto: Seq(0) } } else { held };
        if !over && (ordered < upto || count >= ANSWERS) {
            expected.since("rejects `Full` if it asks again in its period, or got its share");
            expected.reject(signer, Reject::Full);
        } else {
            expected.since("the certificates go to the signer, ascending, and are counted");
            let mut done = Answered { since, count, upto };
            for (&seq, held) in answer() {
                if done.count < ANSWERS {
                    expected.send(To::One(signer), shown(held));
                    done = Answered { since, count: done.count + 1, upto: seq };
                }
            }
            expected.state.answered[signer.index()] = done;
        }
    }
    expected.judge(after, Order::Fixed, effects)
}

fn shown(certificate: &Certificate) -> OrderedCertificate {
    let mut commits = certificate.commits.iter().map(|vote| vote.signed().clone());
    OrderedCertificate {
        pre_prepare: certificate.pre_prepare.signed().clone(),
        commits: List::take(&mut commits),
    }
}

#[cfg(test)]
mod tests {
    use super::{ANSWERS, check, shown};
    use crate::order::kit::{ME, commit, config, effects, proposal, reject, sign, trips};
    use prime::catch_up::{Answered, Certificate, State};
    use wire::prime::{CatchUpRequest, Prime};
    use wire::{Effect, Reject, ReplicaId, Seq, Time, To, Verified, View};

    fn certificate(n: u64) -> Certificate {
        let of = proposal(n);
        let commits = [1, 2, 3].map(|i| commit(i, &of)).to_vec();
        Certificate { pre_prepare: of, commits }
    }

    /// Numbers 5 to 60 but 7 are in the archive; server 3 was answered so.
    fn state((since, count, upto): (u64, u64, u64)) -> State {
        let mut state = State::new(&config(), ME);
        let numbers = (5..=60).filter(|&n| n != 7);
        state.archive = numbers.map(|n| (Seq(n), certificate(n))).collect();
        state.answered[2] = Answered { since: Time(since), count, upto: Seq(upto) };
        state
    }

    fn ask(by: u16, ordered: u64) -> Verified<CatchUpRequest> {
        let (view, executed) = (View(9), Seq(0));
        sign(by, CatchUpRequest { view, installed: view, ordered: Seq(ordered), executed })
    }

    fn answers(to: To, numbers: impl Iterator<Item = u64>) -> Vec<Effect<Prime>> {
        let numbers = numbers.filter(|&n| n != 7);
        effects(|e| numbers.for_each(|n| e.send(to, shown(&certificate(n)))))
    }

    #[test]
    fn the_next_certificates_are_sent_and_counted() {
        let (config, to) = (config(), To::One(ReplicaId(3)));
        let period = config.timing.retransmit;
        for (held, now, ordered, last, then) in [
            ((0, 0, 0), 9, 4, 36, (9, 31, 36)),
            ((0, 0, 0), 9, 0, 32, (9, 27, 32)),
            ((9, 31, 36), 10, 36, 60, (9, 55, 60)),
            ((9, ANSWERS - 10, 50), 8 + period, 50, 60, (9, ANSWERS, 60)),
            ((9, ANSWERS - 9, 50), 8 + period, 50, 59, (9, ANSWERS, 59)),
            ((9, ANSWERS - 2, 4), 8 + period, 4, 6, (9, ANSWERS, 6)),
            ((9, ANSWERS, 50), 9 + period, 4, 36, (9 + period, 31, 36)),
        ] {
            let (before, after, message) = (state(held), state(then), ask(3, ordered));
            let first = 5.max(ordered + 1);
            let made = answers(to, first..=last);
            let check = |after: &State, made: &[_]| {
                check(&config, &before, Time(now), &message, after, made)
            };
            assert_eq!(check(&after, &made), Ok(()));
            for wrong in [
                answers(To::Others, first..=last),
                answers(to, first..=last - 1),
                answers(to, first + 1..=last),
                answers(to, (first..=last).rev()),
                vec![],
            ] {
                trips(check(&after, &wrong), "effect");
            }
            trips(check(&before, &made), "[answered");
            trips(check(&state((then.0 + 1, then.1, then.2)), &made), "[answered");
            trips(check(&state((then.0, then.1 + 1, then.2)), &made), "[answered");
            trips(check(&state((then.0, then.1, then.2 - 1)), &made), "[answered");
        }
    }

    #[test]
    fn who_asks_again_or_got_its_share_waits() {
        let config = config();
        let now = Time(8 + config.timing.retransmit);
        for (held, ordered) in [((9, 31, 36), 35), ((9, 31, 36), 4), ((9, ANSWERS, 36), 36)] {
            let (before, message) = (state(held), ask(3, ordered));
            let full = [reject(3, Reject::Full)];
            assert_eq!(check(&config, &before, now, &message, &before, &full), Ok(()));
            let made = answers(To::One(ReplicaId(3)), ordered + 1..=ordered + 24);
            trips(check(&config, &before, now, &message, &before, &made), "effect 0");
            trips(check(&config, &before, now, &message, &before, &[]), "effects");
        }
    }

    #[test]
    fn who_lacks_nothing_that_is_here_is_not_answered() {
        let config = config();
        let before = state((9, ANSWERS, 36));
        for (by, ordered) in [(ME.0, 4), (3, 60), (3, u64::MAX)] {
            let message = ask(by, ordered);
            assert_eq!(check(&config, &before, Time(10), &message, &before, &[]), Ok(()));
            let full = [reject(by, Reject::Full)];
            trips(check(&config, &before, Time(10), &message, &before, &full), "effect 0");
        }
        // The gap between two that are here is wider than one answer.
        let mut gap = state((0, 0, 0));
        gap.archive.retain(|seq, _| seq.0 > 50);
        assert_eq!(check(&config, &gap, Time(10), &ask(3, 18), &gap, &[]), Ok(()));
        let made = answers(To::One(ReplicaId(3)), 51..=51);
        trips(check(&config, &gap, Time(10), &ask(3, 18), &gap, &made), "effect 0");
    }
}
