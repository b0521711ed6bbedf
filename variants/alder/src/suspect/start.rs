//! A view is preinstalled.

use prime::suspect::{Effects, INFINITE, Reported, State};
use wire::{Config, Monitoring, Time, View};

/// Begins to monitor the leader of `view`.
pub fn start(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    view: View,
    effects: &mut Effects,
) {
    let own = prime::suspect::tat_if_leader(rules, 0);
    let row = usize::from(state.me.0).wrapping_sub(1);
    let keeps_proof = state.proven() == view;
    let distrusted = state.accused.contains(&config.leader_of(view));

    state.tats_if_leader.fill(INFINITE);
    if let Some(entry) = state.tats_if_leader.get_mut(row) {
        *entry = own;
    }
    state.bounds.fill(INFINITE);
    state.announced = INFINITE;
    state.reported.fill(Reported { tat: 0, heard: Time(0) });
    state.ping_seq = 0;
    state.answered.fill(0);
    state.pings.clear();
    state.open.clear();
    state.samples.clear();
    state.replay_asked = false;
    state.suspects = false;
    state.settled = false;
    state.watch_at = None;
    state.taken.fill(0);
    state.counted_from = now;
    state.shown.fill(None);
    state.view = view;
    for slot in &mut state.votes {
        if let Some(vote) = slot {
            if vote.body().view <= view {
                *slot = None;
            }
        }
    }
    if !keeps_proof {
        state.proof = None;
    }
    state.tick_at = Some(Time(now.0.saturating_add(rules.period)));
    prime::suspect::make_ping(state, now, effects);
    if distrusted {
        prime::suspect::vote(state, effects);
    }
}
