//! What `view_change.make_partials` must do.

use super::definitions::{bound_above, collected, judge, round, round_mut};
use super::resolve::resolution;
use crate::Finding;
use crate::expected::Expected;
use prime::view_change::{Round, State, Statement};
use std::collections::BTreeSet;
use wire::prime::{Constraint, Ids, Prime, ResolutionAnswer, VcPartialSig};
use wire::{Config, Digest, Effect, Record, Reject, Seq, To};

/// Every list whose members' states are all complete is signed, once (5.3, "Proof Generation Phase").
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
    let mut expected = Expected::unchanged("view_change.make_partials", config, before);
    for ids in round(before).map(announced).unwrap_or_default() {
        sign_list(&mut expected, executed, ids);
    }
    judge(&expected, after, effects)
}

/// The lists announced, by announcer, then that of the Replay held.
fn announced(round: &Round) -> Vec<Ids> {
    let chosen = round.replay.as_ref().map(|replay| &replay.body().constraint.ids);
    round.lists.values().chain(chosen).cloned().collect()
}

/// The resolutions that the Replay certificates of a list's members name.
fn rests_on(round: &Round, ids: &Ids) -> impl Iterator<Item = Digest> {
    let said = ids.iter().filter_map(|id| round.delivered.get(id)?.statement.as_ref());
    said.filter_map(|statement| Some(statement.replay?.resolution))
}

/// What is found in a list is signed, unless it was or not all of it is there.
fn sign_list(expected: &mut Expected<'_, State>, executed: Seq, ids: Ids) {
    let state = &expected.state;
    let Some(round) = round(state).filter(|round| !round.signed.contains_key(&ids)) else { return };
    if !ids.iter().all(|&id| collected(state, id, executed)) {
        return;
    }
    let says = ids.iter().filter_map(|id| round.delivered.get(id)?.statement.as_ref());
    let members: Vec<&Statement> = says.collect();
    if let Some(found) = resolution(&members, &state.resolutions) {
        let signed = round.signed.keys().flat_map(|ids| rests_on(round, ids));
        let signed: BTreeSet<Digest> = signed.collect();
        let fresh: BTreeSet<Digest> =
            rests_on(round, &ids).filter(|it| !signed.contains(it)).collect();
        expected.since("what the members' certificates name is logged, once");
        for digest in fresh {
            let resolution = expected.state.resolutions[&digest].clone();
            let above = bound_above(&resolution, executed);
            expected.persist(Record::Promise(ResolutionAnswer { resolution }.into()));
            for key in above {
                let proposal = expected.state.proposals[&key].clone();
                expected.hold(proposal);
            }
        }
        expected.since("what `resolve` finds is held, signed, and sent to all");
        let view = expected.state.preinstalled;
        let (base, start_seq, resolution) = (found.base, found.start_seq(), found.digest());
        let constraint = Constraint { view, ids: ids.clone(), base, start_seq, resolution };
        expected.state.resolutions.insert(resolution, found);
        round_mut(&mut expected.state, view).signed.insert(ids, constraint.clone());
        expected.send(To::All, VcPartialSig { constraint, share: None });
    } else if !expected.state.alarmed {
        expected
            .since("if `resolve` finds none, that is set and `Invalid` rejected, naming nobody");
        expected.state.alarmed = true;
        expected.reject(None, Reject::Invalid);
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{
        alarm, changing, config, constraint, deliver, effects, hold, ids, keep, now_in, proposal,
        replay, resolution, sent, statement, trips,
    };
    use prime::view_change::State;
    use wire::prime::{Constraint, Resolution, ResolutionAnswer, VcPartialSig};
    use wire::{Record, ReplicaId, Seq, To};

    const EXECUTED: Seq = Seq(9);

    /// Lists by 2 and 4, and that of the Replay; 1, 2, 3 executed 4, and 4 executed 6.
    fn announced() -> State {
        let mut state = changing(5);
        deliver(&mut state, &[1, 2, 3], &statement(4, None));
        deliver(&mut state, &[4], &statement(6, None));
        let round = now_in(&mut state);
        round.lists = [(ReplicaId(4), ids(&[1, 3, 4])), (ReplicaId(2), ids(&[1, 2, 4]))].into();
        round.replay = Some(replay(&constraint(5, &resolution(4, &[]))));
        state
    }

    /// That is found in that list.
    fn found(list: &[u16], resolution: &Resolution) -> Constraint {
        Constraint { ids: ids(list), ..constraint(5, resolution) }
    }

    fn sign(state: &mut State, resolution: &Resolution, constraint: &Constraint) {
        state.resolutions.insert(resolution.digest(), resolution.clone());
        now_in(state).signed.insert(constraint.ids.clone(), constraint.clone());
    }

    #[test]
    fn lists_are_signed_by_announcer_and_then_the_replays() {
        let (config, before) = (config(), announced());
        let (six, four) = (resolution(6, &[]), resolution(4, &[]));
        let signed = [
            (&six, found(&[1, 2, 4], &six)),
            (&six, found(&[1, 3, 4], &six)),
            (&four, found(&[1, 2, 3], &four)),
        ];
        let mut after = before.clone();
        let mut made = Vec::new();
        for (resolution, constraint) in &signed {
            sign(&mut after, resolution, constraint);
            made.push(sent(To::All, VcPartialSig { constraint: constraint.clone(), share: None }));
        }
        assert_eq!(check(&config, &before, EXECUTED, &after, &made), Ok(()));
        trips(check(&config, &before, EXECUTED, &after, &made[..2]), "effects");
        trips(check(&config, &before, EXECUTED, &before, &made), "signed");
        let mut swapped = made.clone();
        swapped.swap(0, 1);
        trips(check(&config, &before, EXECUTED, &after, &swapped), "effect 0");
        let mut forgotten = after.clone();
        forgotten.resolutions.remove(&six.digest());
        trips(check(&config, &before, EXECUTED, &forgotten, &made), "resolutions");
        // Each list once.
        assert_eq!(check(&config, &after, EXECUTED, &after, &[]), Ok(()));
        trips(check(&config, &after, EXECUTED, &after, &made), "effect 0");
        // What is not executed here is not complete: only the Replay's list.
        let mut only = before.clone();
        sign(&mut only, &four, &signed[2].1);
        assert_eq!(check(&config, &before, Seq(5), &only, &made[2..]), Ok(()));
        trips(check(&config, &before, Seq(5), &after, &made), "effect 0");
        assert_eq!(check(&config, &before, Seq(3), &before, &[]), Ok(()));
    }

    /// Of two lists with the member that names a resolution, the first alone has it logged.
    #[test]
    fn what_a_list_rests_on_is_on_disk_before_the_signature() {
        let (config, mut before) = (config(), announced());
        let last = resolution(3, &[false, true, false, false, false, false, false, true]);
        hold(&mut before, &last);
        deliver(&mut before, &[4], &statement(6, Some((4, &last))));
        let chosen = resolution(6, &[false, false, false, false, true]);
        let four = resolution(4, &[]);
        let lists = [(&chosen, [1, 2, 4]), (&chosen, [1, 3, 4]), (&four, [1, 2, 3])];
        let mut after = before.clone();
        let made = effects(|e| {
            e.persist(Record::Promise(ResolutionAnswer { resolution: last.clone() }.into()));
            keep(e, proposal(0, 11));
            for (resolution, ids) in lists {
                let constraint = found(&ids, resolution);
                sign(&mut after, resolution, &constraint);
                e.send(To::All, VcPartialSig { constraint, share: None });
            }
        });
        assert_eq!(check(&config, &before, EXECUTED, &after, &made), Ok(()));
        for place in [0, 1] {
            let mut some = made.clone();
            some.remove(place);
            trips(check(&config, &before, EXECUTED, &after, &some), "effect");
        }
    }

    #[test]
    fn a_wrong_content_is_found() {
        let (config, mut before) = (config(), announced());
        now_in(&mut before).lists.clear();
        let (four, five) = (resolution(4, &[]), resolution(5, &[]));
        for (resolution, right) in [(&four, true), (&five, false)] {
            let constraint = found(&[1, 2, 3], resolution);
            let mut after = before.clone();
            sign(&mut after, resolution, &constraint);
            let made = [sent(To::All, VcPartialSig { constraint, share: None })];
            let outcome = check(&config, &before, EXECUTED, &after, &made);
            if right {
                assert_eq!(outcome, Ok(()));
            } else {
                trips(outcome, "effect 0");
            }
        }
    }

    #[test]
    fn states_that_cannot_be_are_an_alarm_once() {
        let (config, mut before) = (config(), announced());
        let (one, other) = (resolution(4, &[]), resolution(3, &[]));
        for (by, chose) in [(1, &one), (4, &other)] {
            before.resolutions.insert(chose.digest(), chose.clone());
            deliver(&mut before, &[by], &statement(4, Some((2, chose))));
        }
        // Both lists by servers name 1 and 4; the Replay's does not.
        let constraint = found(&[1, 2, 3], &one);
        let mut after = before.clone();
        sign(&mut after, &one, &constraint);
        after.alarmed = true;
        let mut made = vec![alarm()];
        made.extend(effects(|e| {
            e.persist(Record::Promise(ResolutionAnswer { resolution: one.clone() }.into()));
            e.send(To::All, VcPartialSig { constraint, share: None });
        }));
        assert_eq!(check(&config, &before, EXECUTED, &after, &made), Ok(()));
        trips(check(&config, &before, EXECUTED, &after, &made[1..]), "effect 0");
        let twice = [&[alarm()], &made[..]].concat();
        trips(check(&config, &before, EXECUTED, &after, &twice), "effect 1");
        after.alarmed = false;
        trips(check(&config, &before, EXECUTED, &after, &made), "alarmed");
    }
}
