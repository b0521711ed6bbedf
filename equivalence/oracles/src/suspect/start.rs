//! What `suspect.start` must do.

use super::definitions::{INFINITE, make_ping, tat_if_leader_of, view_of, vote};
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::suspect::{Reported, State};
use std::collections::{BTreeMap, VecDeque};
use wire::prime::Prime;
use wire::{Config, Effect, Monitoring, Time, View};

/// Nothing said in one view counts in another, except votes (4.2, Figure 4, block A).
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    rules: &Monitoring,
    now: Time,
    view: View,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("suspect.start", config, before);
    expected.since("all but votes for later views, the view's proof and `accused` is forgotten");
    expected.state = begun(config, before, rules, now, view);
    make_ping(&mut expected, now);
    if before.accused.contains(&config.leader_of(view)) {
        vote(&mut expected);
    }
    expected.judge(after, Order::Fixed, effects)
}

/// What is known at the beginning of a view. No field is left out here, so that whoever adds one
/// says what a new view makes of it.
fn begun(config: &Config, before: &State, rules: &Monitoring, now: Time, view: View) -> State {
    let n = config.size();
    let me = before.me;
    let tat = |row: usize| if row == me.index() { tat_if_leader_of(rules, 0) } else { INFINITE };
    let later = before.votes.iter().cloned();
    State {
        me,
        view,
        tats_if_leader: (0..n).map(tat).collect(),
        bounds: vec![INFINITE; n],
        announced: INFINITE,
        reported: vec![Reported { tat: 0, heard: Time(0) }; n],
        ping_seq: 0,
        pings: BTreeMap::new(),
        answered: vec![0; n],
        replay_asked: false,
        open: Vec::new(),
        samples: VecDeque::new(),
        watch_at: None,
        tick_at: Some(now.after(rules.period)),
        taken: vec![0; n],
        counted_from: now,
        suspects: false,
        votes: later.map(|vote| vote.filter(|vote| vote.body().view > view)).collect(),
        accused: before.accused.clone(),
        proof: before.proof.clone().filter(|proof| view_of(proof) == view),
        settled: false,
        shown: vec![None; n],
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::definitions::INFINITE;
    use crate::suspect::kit::{
        config, each_trips, effects, owes, proof, rules, state, trips, vote,
    };
    use prime::suspect::{Reported, State};
    use wire::prime::{NewLeader, Prime, RttPing};
    use wire::{Effect, ReplicaId, Time, To, View};

    const NOW: Time = Time(700);

    /// Much is known of view 1, and server 4, which leads view 3, is accused.
    fn experienced() -> State {
        let mut state = state();
        state.tats_if_leader = vec![1, 2, 3, 4];
        (state.bounds, state.announced) = (vec![5, 6, 7, 8], 9);
        state.reported = vec![Reported { tat: 9, heard: Time(9) }; 4];
        (state.ping_seq, state.pings) = (7, [(7, Time(7))].into());
        (state.answered, state.taken) = (vec![7; 4], vec![8; 4]);
        (state.open, state.samples) = (vec![owes(9, 9)], [(Time(9), 9)].into());
        (state.replay_asked, state.suspects, state.settled) = (true, true, true);
        (state.watch_at, state.tick_at) = (Some(Time(710)), Some(Time(720)));
        (state.shown, state.counted_from) = (vec![Some(Time(9)); 4], Time(600));
        state.votes = vec![Some(vote(1, 2)), None, Some(vote(3, 3)), Some(vote(4, 4))];
        state.accused.insert(ReplicaId(4));
        state.proof = Some(proof(3, &[1, 2, 3]));
        state
    }

    /// A new server in `view` after its first ping.
    fn fresh(view: u64) -> State {
        let mut state = state();
        state.view = View(view);
        // 8 * 2.5 + 20 + 5.
        state.tats_if_leader = vec![45, INFINITE, INFINITE, INFINITE];
        (state.ping_seq, state.pings) = (1, [(1, NOW)].into());
        (state.tick_at, state.counted_from) = (Some(Time(800)), NOW);
        state.accused.insert(ReplicaId(4));
        state
    }

    fn ping(view: u64) -> Vec<Effect<Prime>> {
        effects(|e| e.send(To::Others, RttPing { view: View(view), seq: 1 }))
    }

    #[test]
    fn a_view_begins_with_nothing_but_later_votes_and_its_proof() {
        let (config, rules, before) = (config(), rules(), experienced());
        let mut after = fresh(3);
        after.votes[3] = Some(vote(4, 4));
        (after.proof, after.suspects) = (Some(proof(3, &[1, 2, 3])), true);
        let voted = effects(|e| e.send(To::All, NewLeader { view: View(4) }));
        let made = [ping(3), voted.clone()].concat();
        each_trips(
            &after,
            |after| check(&config, &before, &rules, NOW, View(3), after, &made),
            &[
                ("view", |s| s.view.0 = 1),
                ("tats_if_leader", |s| s.tats_if_leader[0] = INFINITE),
                ("tats_if_leader", |s| s.tats_if_leader[2] = 3),
                ("bounds", |s| s.bounds[0] = 45),
                ("announced", |s| s.announced = 9),
                ("reported", |s| s.reported[1].tat = 9),
                ("reported", |s| s.reported[1].heard = NOW),
                ("ping_seq", |s| s.ping_seq = 8),
                ("pings", |s| _ = s.pings.insert(7, Time(7))),
                ("answered", |s| s.answered[2] = 7),
                ("replay_asked", |s| s.replay_asked = true),
                ("open", |s| s.open.push(owes(9, 9))),
                ("samples", |s| s.samples.push_back((Time(9), 9))),
                ("watch_at", |s| s.watch_at = Some(Time(710))),
                ("tick_at", |s| s.tick_at = Some(Time(720))),
                ("taken", |s| s.taken[2] = 8),
                ("counted_from", |s| s.counted_from = Time(600)),
                ("suspects", |s| s.suspects = false),
                ("votes", |s| s.votes[2] = Some(vote(3, 3))),
                ("votes", |s| s.votes[3] = None),
                ("accused", |s| s.accused.clear()),
                ("proof", |s| s.proof = None),
                ("settled", |s| s.settled = true),
                ("shown", |s| s.shown[2] = Some(Time(9))),
            ],
        );
        for wrong in [ping(3), voted.clone(), [voted, ping(3)].concat(), vec![]] {
            trips(check(&config, &before, &rules, NOW, View(3), &after, &wrong), "effect");
        }
    }

    #[test]
    fn another_views_proof_goes_and_who_is_not_accused_is_not_voted_out() {
        let (config, rules, before) = (config(), rules(), experienced());
        let mut after = fresh(2);
        (after.votes[2], after.votes[3]) = (Some(vote(3, 3)), Some(vote(4, 4)));
        let judge =
            |after: &State, made: &[_]| check(&config, &before, &rules, NOW, View(2), after, made);
        assert_eq!(judge(&after, &ping(2)), Ok(()));
        let voted = effects(|e| e.send(To::All, NewLeader { view: View(3) }));
        trips(judge(&after, &[ping(2), voted].concat()), "effect 1");
        after.proof.clone_from(&before.proof);
        trips(judge(&after, &ping(2)), "[proof");
    }
}
