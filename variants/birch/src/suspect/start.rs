//! `suspect.start`: block A, and the first ping.

use prime::suspect::{Effects, INFINITE, Reported, State, make_ping, tat_if_leader, vote};
use std::collections::{BTreeMap, VecDeque};
use wire::monitoring::Monitoring;
use wire::prime::NewLeader;
use wire::{Config, Time, Verified, View};

/// The votes that are still for a later view.
fn later(votes: &[Option<Verified<NewLeader>>], view: View) -> Vec<Option<Verified<NewLeader>>> {
    votes.iter().map(|vote| vote.clone().filter(|vote| vote.body().view > view)).collect()
}

/// Begins anew, for the leader of `view`.
pub fn start(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    view: View,
    effects: &mut Effects,
) {
    let own = tat_if_leader(rules, 0);
    *state = State {
        me: state.me,
        view,
        tats_if_leader: config
            .replicas()
            .map(|id| if id == state.me { own } else { INFINITE })
            .collect(),
        bounds: vec![INFINITE; config.size()],
        announced: INFINITE,
        reported: vec![Reported::default(); config.size()],
        ping_seq: 0,
        pings: BTreeMap::new(),
        answered: vec![0; config.size()],
        replay_asked: false,
        open: Vec::new(),
        samples: VecDeque::new(),
        watch_at: None,
        tick_at: Some(now.after(rules.period)),
        taken: vec![0; config.size()],
        counted_from: now,
        suspects: false,
        votes: later(&state.votes, view),
        accused: std::mem::take(&mut state.accused),
        proof: Some(state.proven()).filter(|&proven| proven == view).and(state.proof.take()),
        settled: false,
        shown: vec![None; config.size()],
    };
    make_ping(state, now, effects);
    if state.accused.contains(&config.leader_of(view)) {
        vote(state, effects);
    }
}
