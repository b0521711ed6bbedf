//! The leader has chosen what is replayed.

use crate::suspect::{Awaited, State, keep_sample};
use slots::slot;
use wire::Time;
use wire::monitoring::Monitoring;

/// Ends the measurement for a Replay, because a valid one of the preinstalled view came, whichever.
///
/// `state.replay_asked` is set. The first measurement in `state.open` that awaits a Replay, if there is
/// one, leaves it and its age at `now` is kept ([`keep_sample`]). If `open` is empty afterwards, `watch_at`
/// becomes `None`, whether or not something ended.
///
/// Paper: 5.3, "Replay Phase". Deviation: none.
///
/// Invariant: no other measurement than that of a Replay ends; nothing is emitted.
#[slot(suspect.on_replay)]
pub fn on_replay(state: &mut State, rules: &Monitoring, now: Time) {
    state.replay_asked = true;
    let awaits = |awaited: &Awaited| matches!(awaited, Awaited::Replay(_));
    if let Some(at) = state.open.iter().position(|one| awaits(&one.awaited)) {
        let one = state.open.remove(at);
        keep_sample(state, rules, now, now.since(one.since));
    }
    if state.open.is_empty() {
        state.watch_at = None;
    }
}
