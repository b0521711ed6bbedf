//! What `view_change.make_replay_commit` must do.

use super::definitions::{bound_above, collected, holds, judge, list, prepares, round, round_mut};
use crate::Finding;
use crate::expected::Expected;
use prime::view_change::State;
use wire::prime::ReplayPrepare;
use wire::prime::{Constraint, Prime, Replay, ReplayCertificate, ReplayCommit, ResolutionAnswer};
use wire::{Config, Effect, Record, Reject, Seq, To, Verified};

/// What this server would vote to commit: the Replay accepted, the Replay-Prepares for it, and what was
/// signed for its list here.
struct Ready {
    replay: Verified<Replay>,
    prepares: Vec<Verified<ReplayPrepare>>,
    signed: Constraint,
}

/// Nothing was committed, and this server can stand for the Replay that it accepted.
fn ready(config: &Config, state: &State, executed: Seq) -> Option<Ready> {
    let round = round(state).filter(|round| round.committed.is_none())?;
    let replay = round.replay.as_ref().filter(|held| round.prepared == Some(held.digest()))?;
    let ids = &replay.body().constraint.ids;
    let prepares = prepares(config, round)?;
    let signed = round.signed.get(ids)?.clone();
    let complete = ids.iter().all(|&id| collected(state, id, executed));
    complete.then(|| Ready { replay: replay.clone(), prepares, signed })
}

/// A Replay-Commit is promised once, with all that it stands for on disk before it.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    executed: Seq,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("view_change.make_replay_commit", config, before);
    let Some(Ready { replay, prepares, signed }) = ready(config, before, executed) else {
        return judge(&expected, after, effects);
    };
    let constraint = &replay.body().constraint;
    if signed == *constraint {
        if !holds(before, constraint.resolution, executed) {
            return judge(&expected, after, effects);
        }
        expected.since("the certificate, its votes, the resolution, its Pre-Prepares, the promise");
        let votes = prepares.iter().map(|vote| vote.signed().clone()).collect();
        let replay_signed = replay.signed().clone();
        let certificate = ReplayCertificate { replay: replay_signed, prepares: list(votes) };
        expected.state.certificate = Some(certificate);
        for vote in prepares {
            expected.hold(vote);
        }
        let resolution = before.resolutions[&constraint.resolution].clone();
        let named = bound_above(&resolution, executed);
        expected.persist(Record::Promise(ResolutionAnswer { resolution }.into()));
        for key in named {
            expected.hold(before.proposals[&key].clone());
        }
        let (view, digest) = (before.preinstalled, replay.digest());
        round_mut(&mut expected.state, view).committed = Some(digest);
        expected.promise(To::All, ReplayCommit { view, digest });
    } else if !before.alarmed {
        expected.since("if what was signed is not the Replay's constraint, that is set once");
        expected.state.alarmed = true;
        expected.reject(None, Reject::Invalid);
    }
    judge(&expected, after, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{
        alarm, certificate, changing, config, constraint, deliver, effects, hold, keep, now_in,
        prepares, proposal, replay, resolution, statement, trips,
    };
    use prime::view_change::State;
    use wire::prime::{Replay, ReplayCommit, ResolutionAnswer};
    use wire::{Record, ReplicaId, Seq, To, Verified, View};

    const EXECUTED: Seq = Seq(5);

    fn chosen() -> Verified<Replay> {
        replay(&constraint(5, &resolution(4, &[true, false, true, true])))
    }

    /// All is there: numbers 7 and 8 are bound, and 5, which was executed, is not held.
    fn ready() -> State {
        let (mut state, chosen) = (changing(5), chosen());
        hold(&mut state, &resolution(4, &[true, false, true, true]));
        state.proposals.retain(|&(seq, _), _| seq > EXECUTED);
        deliver(&mut state, &[1, 2, 3], &statement(4, None));
        let round = now_in(&mut state);
        round.prepared = Some(chosen.digest());
        round.prepares = prepares(&[1, 3], &chosen);
        let constraint = chosen.body().constraint.clone();
        round.signed.insert(constraint.ids.clone(), constraint);
        round.replay = Some(chosen);
        state
    }

    fn committed(before: &State, by: &[u16]) -> State {
        let mut after = before.clone();
        now_in(&mut after).committed = Some(chosen().digest());
        after.certificate = Some(certificate(by, &chosen()));
        after
    }

    #[test]
    fn all_is_on_disk_before_the_vote() {
        let (config, before, chosen) = (config(), ready(), chosen());
        let resolution = before.resolutions[&chosen.body().constraint.resolution].clone();
        let after = committed(&before, &[1, 3]);
        let made = effects(|e| {
            for vote in prepares(&[1, 3], &chosen).into_values() {
                keep(e, vote);
            }
            e.persist(Record::Promise(ResolutionAnswer { resolution }.into()));
            keep(e, proposal(0, 7));
            keep(e, proposal(0, 8));
            e.promise(To::All, ReplayCommit { view: View(5), digest: chosen.digest() });
        });
        assert_eq!(check(&config, &before, EXECUTED, &after, &made), Ok(()));
        for left_out in 0..made.len() {
            let mut some = made.clone();
            some.remove(left_out);
            trips(check(&config, &before, EXECUTED, &after, &some), "effect");
        }
        let mut swapped = made.clone();
        swapped.swap(3, 4);
        trips(check(&config, &before, EXECUTED, &after, &swapped), "effect 3");
        trips(check(&config, &before, EXECUTED, &before, &made), "certificate");
        let mut stripped = after.clone();
        stripped.certificate = Some(certificate(&[3], &chosen));
        trips(check(&config, &before, EXECUTED, &stripped, &made), "certificate");
        assert_eq!(check(&config, &after, EXECUTED, &after, &[]), Ok(()));
    }

    #[test]
    fn nothing_is_promised_while_anything_lacks() {
        let (config, chosen) = (config(), chosen());
        let lacking: [fn(&mut State); 9] = [
            |state| now_in(state).replay = None,
            |state| now_in(state).prepared = None,
            |state| now_in(state).committed = now_in(state).prepared,
            |state| drop(now_in(state).prepares.remove(&ReplicaId(3))),
            |state| now_in(state).signed.clear(),
            |state| drop(now_in(state).delivered.remove(&ReplicaId(2))),
            |state| deliver(state, &[2], &statement(6, None)),
            |state| state.resolutions.clear(),
            |state| drop(state.proposals.pop_last()),
        ];
        let vote = ReplayCommit { view: View(5), digest: chosen.digest() };
        let made = effects(|e| e.promise(To::All, vote));
        for lack in lacking {
            let mut before = ready();
            lack(&mut before);
            assert_eq!(check(&config, &before, EXECUTED, &before, &[]), Ok(()));
            trips(check(&config, &before, EXECUTED, &before, &made), "effect 0");
            let mut after = committed(&before, &[1, 3]);
            after.alarmed = true;
            trips(check(&config, &before, EXECUTED, &after, &[]), "[");
        }
        // The leader's vote is none, and one for another Replay is none for this.
        let mut before = ready();
        now_in(&mut before).prepares = prepares(&[1, 2], &chosen);
        assert_eq!(check(&config, &before, EXECUTED, &before, &[]), Ok(()));
        let other = replay(&constraint(5, &resolution(4, &[])));
        now_in(&mut before).prepares = prepares(&[3, 4], &other);
        assert_eq!(check(&config, &before, EXECUTED, &before, &[]), Ok(()));
    }

    #[test]
    fn another_constraint_signed_for_the_list_is_an_alarm() {
        let (config, mut before) = (config(), ready());
        let other = constraint(5, &resolution(4, &[true]));
        now_in(&mut before).signed.insert(other.ids.clone(), other);
        let mut after = before.clone();
        after.alarmed = true;
        assert_eq!(check(&config, &before, EXECUTED, &after, &[alarm()]), Ok(()));
        trips(check(&config, &before, EXECUTED, &before, &[alarm()]), "alarmed");
        trips(check(&config, &before, EXECUTED, &after, &[]), "effects");
        assert_eq!(check(&config, &after, EXECUTED, &after, &[]), Ok(()));
        trips(check(&config, &after, EXECUTED, &after, &[alarm()]), "effect 0");
        // Also where the Replay's resolution is not here.
        before.resolutions.clear();
        after.resolutions.clear();
        assert_eq!(check(&config, &before, EXECUTED, &after, &[alarm()]), Ok(()));
        trips(check(&config, &before, EXECUTED, &before, &[]), "effects");
    }
}
