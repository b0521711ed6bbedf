//! After a restart: what was promised is said again.

use crate::view_change::{Effects, State};
use slots::slot;
use wire::prime::{ReplayCommit, ReplayPrepare, VcList};
use wire::{Config, To};

/// Says again what the log promised about the change under way, if one is. Called once, after the
/// log was read.
///
/// Emitted as `Send` to `To::All`, in this order, without `Persist`: the list `listed`, the Replay
/// `promised`, and, unless this server leads the view, the Replay-Prepare for what was `prepared`;
/// then the Replay-Commit for what was `committed`.
///
/// Invariant: says nothing that was not said, or about to be said, before.
/// Paper: none; the report's servers do not forget. Deviation: none.
#[slot(view_change.resume)]
pub fn resume(state: &mut State, config: &Config, effects: &mut Effects) {
    let view = state.preinstalled;
    let Some(round) = state.round() else { return };
    if let Some(ids) = round.listed.clone() {
        effects.send(To::All, VcList { view, ids });
    }
    if let Some(replay) = round.promised.clone() {
        effects.send(To::All, replay);
    }
    if let Some(digest) = round.prepared.filter(|_| config.leader_of(view) != state.me) {
        effects.send(To::All, ReplayPrepare { view, digest });
    }
    if let Some(digest) = round.committed {
        effects.send(To::All, ReplayCommit { view, digest });
    }
}
