//! `view_change.installed`: which view can be installed.

use prime::view_change::State;
use wire::prime::{Constraint, InstallCertificate};
use wire::{Config, List, Seq};

/// Whether the view of `constraint` can be installed now.
fn ready(state: &State, constraint: &Constraint, ordered: Seq, executed: Seq) -> bool {
    constraint.view > state.installed
        && constraint.base <= ordered
        && state.holds(constraint.resolution, executed)
}

/// The certificate that the votes held amount to.
fn own(
    state: &State,
    config: &Config,
    ordered: Seq,
    executed: Seq,
) -> Option<InstallCertificate> {
    let round = state.round()?;
    let replay = round.replay.as_ref()?;
    let commits = round.quorum(config)?;
    let constraint = &replay.body().constraint;
    let resolution = state
        .resolutions
        .get(&constraint.resolution)
        .filter(|_| ready(state, constraint, ordered, executed))?;
    Some(InstallCertificate {
        replay: replay.signed().clone(),
        commits: List::take(&mut commits.iter().map(|vote| vote.signed().clone())),
        resolution: resolution.clone(),
    })
}

/// The certificate of the highest view that can be installed.
pub fn installed(
    state: &State,
    config: &Config,
    ordered: Seq,
    executed: Seq,
) -> Option<InstallCertificate> {
    let offered = state.offered.iter().rev().find(|(_, install)| {
        ready(state, &install.replay.body.constraint, ordered, executed)
    });
    match offered {
        Some((view, install)) if *view > state.preinstalled => Some(install.clone()),
        lower => own(state, config, ordered, executed)
            .or_else(|| lower.map(|(_, install)| install.clone())),
    }
}
