//! A server announces whose states it has.

use crate::view_change::{Effects, State, complete};
use slots::slot;
use wire::prime::VcList;
use wire::{Config, List, ReplicaId, Seq, To};

/// Announces a list, once the states of Q servers are complete.
///
/// Nothing happens unless a change is under way, nothing was `listed` in it, and [`complete`] holds
/// for at least Q servers. Then `listed` becomes the Q lowest of them, ascending, and a VC-List with
/// it is promised to all.
///
/// Invariant: at most one list a view, also across restarts: others sign the first list of each
/// server only, and must mean the same one.
/// Paper: 5.3, "State Dissemination Phase". Deviation: the list is remembered.
#[slot(view_change.make_vc_list)]
pub fn make_vc_list(state: &mut State, config: &Config, executed: Seq, effects: &mut Effects) {
    if state.round().is_none_or(|round| round.listed.is_some()) {
        return;
    }
    let whole = config.replicas().filter(|id| complete(state, *id, executed));
    let ids: Vec<ReplicaId> = whole.take(config.quorum()).collect();
    if ids.len() < config.quorum() {
        return;
    }
    let ids = List::new(ids).expect("at most MAX_REPLICAS");
    let view = state.preinstalled;
    state.rounds.entry(view).or_default().listed = Some(ids.clone());
    effects.promise(To::All, VcList { view, ids });
}
