//! What `view_change.retransmit` must do.

use super::definitions::{judge, round};
use crate::Finding;
use crate::expected::Expected;
use prime::view_change::{Round, State};
use wire::prime::{Prime, ReplayCommit, ReplayPrepare, VcList, VcPartialSig};
use wire::{Config, Effect, Time, To};

/// What was said in the change under way is said again once in a period, by phase.
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
    let mut expected = Expected::unchanged("view_change.retransmit", config, before);
    if let Some(round) = round(before).filter(|_| now >= before.retransmit_at) {
        expected.since("that becomes `now + timing.retransmit`, and what was said is said again");
        expected.state.retransmit_at = now.after(config.timing.retransmit);
        again(&mut expected, round);
    }
    judge(&expected, after, effects)
}

/// The lists and signatures that a proof makes needless, the proof that a Replay makes needless, and
/// the Replay with the own votes.
fn again(expected: &mut Expected<'_, State>, round: &Round) {
    let view = expected.state.preinstalled;
    let follows = expected.state.me != expected.config.leader_of(view);
    if round.proof.is_none() {
        if let Some(ids) = round.listed.clone() {
            expected.send(To::Others, VcList { view, ids });
        }
        for constraint in round.signed.values().cloned() {
            expected.send(To::Others, VcPartialSig { constraint, share: None });
        }
    }
    match &round.replay {
        None => round.proof.iter().for_each(|proof| expected.send(To::Others, proof.clone())),
        Some(replay) => expected.relay(To::Others, replay.clone()),
    }
    if let Some(digest) = round.prepared.filter(|_| follows) {
        expected.send(To::Others, ReplayPrepare { view, digest });
    }
    if let Some(digest) = round.committed {
        expected.send(To::Others, ReplayCommit { view, digest });
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{
        changing, config, constraint, ids, now_in, partial, proof, relayed, replay, resolution,
        sent, trips,
    };
    use prime::view_change::State;
    use std::slice::from_ref;
    use wire::prime::{Constraint, Prime, ReplayCommit, ReplayPrepare, VcList};
    use wire::{Effect, Time, To, View};

    const NOW: Time = Time(50);

    fn found(list: &[u16]) -> Constraint {
        Constraint { ids: ids(list), ..constraint(5, &resolution(4, &[])) }
    }

    /// The list was announced, two were signed, and 50 is the time to say it.
    fn announced(view: u64) -> State {
        let mut state = changing(view);
        state.retransmit_at = NOW;
        let round = now_in(&mut state);
        round.listed = Some(ids(&[1, 2, 3]));
        let lists = [&[1, 2, 4], &[1, 2, 3]];
        round.signed = lists.map(|list| (ids(list), found(list))).into();
        state
    }

    #[track_caller]
    fn says(before: &State, said: &[Effect<Prime>]) {
        let config = config();
        let mut after = before.clone();
        after.retransmit_at = NOW.after(config.timing.retransmit);
        assert_eq!(check(&config, before, NOW, &after, said), Ok(()));
        trips(check(&config, before, NOW, before, said), "retransmit_at");
        for left_out in 0..said.len() {
            let mut some = said.to_vec();
            some.remove(left_out);
            trips(check(&config, before, NOW, &after, &some), "effect");
        }
        let mut more = said.to_vec();
        more.push(sent(To::Others, VcList { view: View(5), ids: ids(&[2, 3, 4]) }));
        trips(check(&config, before, NOW, &after, &more), &format!("effect {}", said.len()));
        // Not before its time.
        let mut early = before.clone();
        early.retransmit_at = Time(51);
        assert_eq!(check(&config, &early, NOW, &early, &[]), Ok(()));
        trips(check(&config, &early, NOW, &after, &[]), "retransmit_at");
    }

    #[test]
    fn each_phase_makes_the_former_needless() {
        let mut state = announced(5);
        let own = |list: &[u16]| sent(To::Others, partial(1, &found(list)).body().clone());
        let list = sent(To::Others, VcList { view: View(5), ids: ids(&[1, 2, 3]) });
        says(&state, &[list, own(&[1, 2, 3]), own(&[1, 2, 4])]);

        let proof = proof(&[1, 2, 3], &found(&[1, 2, 3]));
        now_in(&mut state).proof = Some(proof.clone());
        says(&state, &[sent(To::Others, proof)]);

        let chosen = replay(&found(&[1, 2, 3]));
        let (view, digest) = (View(5), chosen.digest());
        now_in(&mut state).replay = Some(chosen.clone());
        let flooded = relayed(To::Others, chosen);
        says(&state, from_ref(&flooded));
        now_in(&mut state).prepared = Some(digest);
        let prepare = sent(To::Others, ReplayPrepare { view, digest });
        says(&state, &[flooded.clone(), prepare.clone()]);
        now_in(&mut state).committed = Some(digest);
        let commit = sent(To::Others, ReplayCommit { view, digest });
        says(&state, &[flooded, prepare, commit]);
        state.installed = View(5);
        assert_eq!(check(&config(), &state, NOW, &state, &[]), Ok(()));
    }

    #[test]
    fn a_replay_without_a_proof_and_the_leaders_own_vote() {
        let mut state = announced(4);
        let of = Constraint { view: View(4), ..found(&[1, 2, 3]) };
        let chosen = replay(&of);
        let digest = chosen.digest();
        let round = now_in(&mut state);
        round.signed.clear();
        round.replay = Some(chosen.clone());
        (round.prepared, round.committed) = (Some(digest), Some(digest));
        let list = sent(To::Others, VcList { view: View(4), ids: ids(&[1, 2, 3]) });
        let commit = sent(To::Others, ReplayCommit { view: View(4), digest });
        says(&state, &[list, relayed(To::Others, chosen), commit]);
    }
}
