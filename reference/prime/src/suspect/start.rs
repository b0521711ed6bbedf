//! A view is preinstalled: its leader is judged afresh.

use crate::suspect::{Effects, State, make_ping, tat_if_leader, vote};
use slots::slot;
use wire::monitoring::Monitoring;
use wire::{Config, Time, View};

/// Begins to monitor the leader of `view`.
///
/// Requires: `view` is at least `state.view`.
///
/// Everything measured, announced or reported so far is forgotten:
/// `tats_if_leader` and `bounds` become `INFINITE` in every entry, but `tats_if_leader[me]`
/// becomes [`tat_if_leader`] of a round trip of 0; `announced` becomes `INFINITE`; `reported`
/// becomes 0, heard at time 0, in every entry; `ping_seq` and `answered` become 0; `pings`, `open` and
/// `samples` become empty; `replay_asked`, `suspects` and `settled` become false; `watch_at` becomes
/// `None`; `taken` becomes 0 in every entry and `counted_from` becomes `now`; `shown` becomes `None`
/// in every entry. Then `state.view` becomes `view`; votes for it or a lower one are dropped; `proof`
/// stays if [`State::proven`] is `view`, else becomes `None`; `accused` stays. `tick_at` becomes
/// `now + rules.period` and [`make_ping`] follows; then [`vote`], if the view's leader is accused. No
/// bound is announced.
///
/// Invariant: nothing said in one view counts in another, except votes.
/// Paper: 4.2, Figure 4, block A. Deviation: the first ping goes out at once; the way to oneself is
/// known to be 0.
#[slot(suspect.start)]
pub fn start(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    view: View,
    effects: &mut Effects,
) {
    assert!(view >= state.view, "views only grow");
    let me = state.me;
    let votes = std::mem::take(&mut state.votes).into_iter();
    let votes = votes.map(|vote| vote.filter(|vote| vote.body().view > view)).collect();
    let proof = state.proof.take();
    let accused = std::mem::take(&mut state.accused);
    let counted_from = now;
    *state = State { view, votes, proof, accused, counted_from, ..State::new(config, me) };
    if state.proven() != view {
        state.proof = None;
    }
    state.tats_if_leader[me.index()] = tat_if_leader(rules, 0);
    state.tick_at = Some(now.after(rules.period));
    make_ping(state, now, effects);
    if state.accused.contains(&config.leader_of(view)) {
        vote(state, effects);
    }
}
