//! Which view can be installed.

use prime::view_change::State;
use wire::config::MAX_REPLICAS;
use wire::prime::InstallCertificate;
use wire::{Config, List, Seq};

/// The certificate of the change under way, if it is complete and can be installed.
fn own(state: &State, config: &Config, ordered: Seq, executed: Seq) -> Option<InstallCertificate> {
    let round = state.round()?;
    let replay = round.replay.as_ref()?;
    let named = replay.body().constraint.resolution;
    let resolution = state.resolutions.get(&named)?;
    if resolution.base > ordered {
        return None;
    }
    let votes = round.quorum(config)?;
    if !state.holds(named, executed) {
        return None;
    }
    let mut commits = Vec::with_capacity(votes.len());
    for vote in &votes {
        if commits.len() < MAX_REPLICAS {
            commits.push(vote.signed().clone());
        }
    }
    match List::new(commits) {
        Ok(commits) => Some(InstallCertificate {
            replay: replay.signed().clone(),
            commits,
            resolution: resolution.clone(),
        }),
        Err(_) => None,
    }
}

/// The certificate of the highest view above the installed one that can be installed now.
pub fn installed(
    state: &State,
    config: &Config,
    ordered: Seq,
    executed: Seq,
) -> Option<InstallCertificate> {
    // From the highest view down; the own one is looked at when its turn comes, and before another of
    // the same view.
    let mut own_due = state.changing();
    for (&view, install) in state.offered.iter().rev() {
        if view <= state.installed {
            break;
        }
        if own_due && view <= state.preinstalled {
            own_due = false;
            let made = own(state, config, ordered, executed);
            if made.is_some() {
                return made;
            }
        }
        if install.resolution.base <= ordered
            && state.holds(install.replay.body.constraint.resolution, executed)
        {
            return Some(install.clone());
        }
    }
    if own_due { own(state, config, ordered, executed) } else { None }
}
