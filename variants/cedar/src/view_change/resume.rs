//! Says again what the log promised.

use prime::view_change::{Effects, Round, State};
use wire::prime::{Body, ReplayCommit, ReplayPrepare, VcList};
use wire::{Config, To, View};

/// Says again what was promised in the change under way.
pub fn resume(state: &mut State, config: &Config, effects: &mut Effects) {
    let view = state.preinstalled;
    let leads = config.leader_of(view) == state.me;
    for body in state.round().map(|round| words(round, view, leads)).unwrap_or_default() {
        effects.send(To::All, body);
    }
}

/// What was promised, in order.
fn words(round: &Round, view: View, leads: bool) -> Vec<Body> {
    let list = round.listed.clone().map(|ids| Body::VcList(VcList { view, ids }));
    let replay = round.promised.clone().map(Body::Replay);
    let prepare = round
        .prepared
        .filter(|_| !leads)
        .map(|digest| Body::ReplayPrepare(ReplayPrepare { view, digest }));
    let commit =
        round.committed.map(|digest| Body::ReplayCommit(ReplayCommit { view, digest }));
    [list, replay, prepare, commit].into_iter().flatten().collect()
}
