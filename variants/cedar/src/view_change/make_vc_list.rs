//! Announces a list.

use prime::view_change::{Effects, State, complete};
use wire::prime::{Ids, VcList};
use wire::{Config, ReplicaId, Seq, To};

/// Announces the first Q servers whose states are complete, once.
pub fn make_vc_list(state: &mut State, config: &Config, executed: Seq, effects: &mut Effects) {
    let fresh = state.round().is_some_and(|round| round.listed.is_none());
    if !fresh {
        return;
    }
    let members: Vec<ReplicaId> = config
        .replicas()
        .filter(|server| complete(state, *server, executed))
        .take(config.quorum())
        .collect();
    if members.len() < config.quorum() {
        return;
    }
    let Ok(ids) = Ids::new(members) else {
        return;
    };
    let view = state.preinstalled;
    if let Some(round) = state.rounds.get_mut(&view) {
        round.listed = Some(ids.clone());
        effects.promise(To::All, VcList { view, ids });
    }
}
