//! What `view_change.make_partials` must do.

use super::definitions::{collected, judge, round, round_mut};
use super::resolve::resolution;
use crate::Finding;
use crate::expected::Expected;
use prime::view_change::{Round, State, Statement};
use wire::prime::{Constraint, Ids, Prime, VcPartialSig};
use wire::{Config, Effect, Reject, Seq, To};

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
        alarm, changing, config, constraint, deliver, ids, now_in, replay, resolution, sent,
        statement, trips,
    };
    use prime::view_change::State;
    use wire::prime::{Constraint, Resolution, VcPartialSig};
    use wire::{ReplicaId, Seq, To};

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
        let made = [alarm(), sent(To::All, VcPartialSig { constraint, share: None })];
        assert_eq!(check(&config, &before, EXECUTED, &after, &made), Ok(()));
        trips(check(&config, &before, EXECUTED, &after, &made[1..]), "effect 0");
        let twice = [alarm(), alarm(), made[1].clone()];
        trips(check(&config, &before, EXECUTED, &after, &twice), "effect 1");
        after.alarmed = false;
        trips(check(&config, &before, EXECUTED, &after, &made), "alarmed");
    }
}
