//! Which view can be installed.

use prime::view_change::{State, names};
use wire::prime::InstallCertificate;
use wire::{Config, List, Seq, View};

/// The certificate of the highest view that can be installed now.
pub fn installed(
    state: &State,
    config: &Config,
    ordered: Seq,
    executed: Seq,
) -> Option<InstallCertificate> {
    let fits = |install: &InstallCertificate| {
        view_of(install) > state.installed
            && install.resolution.base <= ordered
            && state.holds(install.replay.body.constraint.resolution, executed)
    };
    let own = own(state, config).filter(fits);
    let offered = state.offered.values().rev().find(|install| fits(install));
    match (own, offered) {
        (Some(own), Some(other)) if view_of(other) > view_of(&own) => Some(other.clone()),
        (None, other) => other.cloned(),
        (own, _) => own,
    }
}

fn view_of(install: &InstallCertificate) -> View {
    install.replay.body.constraint.view
}

/// What the votes of the change under way amount to.
fn own(state: &State, config: &Config) -> Option<InstallCertificate> {
    let round = state.round()?;
    let replay = round.replay.as_ref()?;
    let commits = round.quorum(config)?;
    let constraint = &replay.body().constraint;
    let resolution = state.resolutions.get(&constraint.resolution)?;
    names(constraint, resolution).then(|| InstallCertificate {
        replay: replay.signed().clone(),
        commits: List::take(&mut commits.iter().map(|commit| commit.signed().clone())),
        resolution: resolution.clone(),
    })
}
