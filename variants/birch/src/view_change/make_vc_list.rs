//! `view_change.make_vc_list`: whose states are complete.

use prime::view_change::{Effects, State, complete};
use wire::prime::{Ids, VcList};
use wire::{Config, List, ReplicaId, Seq, To};

/// The first Q servers whose states are complete, if there are as many.
fn collected(state: &State, config: &Config, executed: Seq) -> Option<Ids> {
    let round = state.round().filter(|round| round.listed.is_none())?;
    let ids: Vec<ReplicaId> = round
        .delivered
        .keys()
        .copied()
        .filter(|id| complete(state, *id, executed))
        .take(config.quorum())
        .collect();
    List::new(ids).ok().filter(|ids| ids.len() >= config.quorum())
}

/// Announces a list, once.
pub fn make_vc_list(state: &mut State, config: &Config, executed: Seq, effects: &mut Effects) {
    let view = state.preinstalled;
    let Some(ids) = collected(state, config, executed) else {
        return;
    };
    if let Some(round) = state.rounds.get_mut(&view) {
        round.listed = Some(ids.clone());
    }
    effects.promise(To::All, VcList { view, ids });
}
