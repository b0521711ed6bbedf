//! What the log promised is said again.

use prime::view_change::{Effects, State};
use wire::prime::{ReplayCommit, ReplayPrepare, VcList};
use wire::{Config, To};

/// Says again what the log promised about the change under way, if one is.
pub fn resume(state: &mut State, config: &Config, effects: &mut Effects) {
    let view = state.preinstalled;
    let leads = config.leader_of(view) == state.me;
    let Some(round) = state.round() else {
        return;
    };

    if let Some(ids) = &round.listed {
        effects.send(To::All, VcList { view, ids: ids.clone() });
    }
    if let Some(replay) = &round.promised {
        effects.send(To::All, replay.clone());
    }
    if !leads {
        if let Some(digest) = round.prepared {
            effects.send(To::All, ReplayPrepare { view, digest });
        }
    }
    if let Some(digest) = round.committed {
        effects.send(To::All, ReplayCommit { view, digest });
    }
}
