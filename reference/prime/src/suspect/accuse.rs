//! The leader contradicted itself.

use crate::suspect::{Effects, State, vote};
use slots::slot;
use wire::{Config, View};

/// Takes note that there is proof that the leader of `view` signed two Pre-Prepares for one number, or
/// two Replays: it enters `state.accused`. If it leads the preinstalled view, be that `view` or another,
/// this server votes for a new leader at once ([`vote`]).
///
/// Not logged: after a restart this server trusts the leader again until it is shown a proof.
///
/// Invariant: a correct server is never accused. Nobody leaves `accused` until a restart.
/// Paper: 5.3, last paragraph. Deviation: Pre-Prepares as well as Replays; who was
/// proven faulty once stays so in later views.
#[slot(suspect.accuse)]
pub fn accuse(state: &mut State, config: &Config, view: View, effects: &mut Effects) {
    let leader = config.leader_of(view);
    state.accused.insert(leader);
    if leader == config.leader_of(state.view) {
        vote(state, effects);
    }
}
