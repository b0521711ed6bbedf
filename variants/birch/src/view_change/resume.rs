//! `view_change.resume`: what the log promised about the change under way.

use prime::view_change::{Effects, Round, State};
use wire::prime::{Body, ReplayCommit, ReplayPrepare, VcList};
use wire::{Config, To, View};

/// What was promised, in order.
fn promised(round: &Round, view: View, leads: bool) -> Vec<Body> {
    let list = round.listed.clone().map(|ids| Body::from(VcList { view, ids }));
    let replay = round.promised.clone().map(Body::from);
    let prepare = round
        .prepared
        .filter(|_| !leads)
        .map(|digest| Body::from(ReplayPrepare { view, digest }));
    let commit = round.committed.map(|digest| Body::from(ReplayCommit { view, digest }));
    [list, replay, prepare, commit].into_iter().flatten().collect()
}

/// Says again what was promised.
pub fn resume(state: &mut State, config: &Config, effects: &mut Effects) {
    let view = state.preinstalled;
    let leads = config.leader_of(view) == state.me;
    state
        .round()
        .map(|round| promised(round, view, leads))
        .into_iter()
        .flatten()
        .for_each(|body| effects.send(To::All, body));
}
