//! Begins to monitor a leader.

use prime::suspect::{Effects, State, make_ping, tat_if_leader, vote};
use wire::monitoring::Monitoring;
use wire::{Config, Time, View};

/// What is to be done, in order.
#[derive(Clone, Copy)]
enum Step {
    Forget,
    OwnEntry,
    Schedule,
    Ping,
    Condemn,
}

/// Forgets what was said in other views and begins to measure.
pub fn start(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    view: View,
    effects: &mut Effects,
) {
    for step in [Step::Forget, Step::OwnEntry, Step::Schedule, Step::Ping, Step::Condemn] {
        match step {
            Step::Forget => forget(state, config, view),
            Step::OwnEntry => {
                let own = usize::from(state.me.0).wrapping_sub(1);
                if let Some(entry) = state.tats_if_leader.get_mut(own) {
                    *entry = tat_if_leader(rules, 0);
                }
            }
            Step::Schedule => {
                state.tick_at = Some(Time(now.0.saturating_add(rules.period)));
                state.counted_from = now;
            }
            Step::Ping => make_ping(state, now, effects),
            Step::Condemn => {
                if state.accused.contains(&config.leader_of(view)) {
                    vote(state, effects);
                }
            }
        }
    }
}

/// All begins anew but votes for higher views, the proof of `view`, and `accused`.
fn forget(state: &mut State, config: &Config, view: View) {
    let proof_stays = state.proven() == view;
    let mut fresh = State::new(config, state.me);
    fresh.view = view;
    fresh.votes = std::mem::take(&mut state.votes)
        .into_iter()
        .map(|vote| vote.filter(|vote| vote.body().view > view))
        .collect();
    fresh.accused = std::mem::take(&mut state.accused);
    fresh.proof = state.proof.take().filter(|_| proof_stays);
    *state = fresh;
}
