//! Somebody shows that a view was installed.

use prime::view_change::{Effects, State, names, proven};
use wire::auth::Context;
use wire::prime::InstallCertificate;
use wire::{Config, Reject, Seq, Verified, View};

/// Whether Q servers voted for the Replay, which its leader may have chosen, and whether the resolution
/// is the one that it names.
fn valid(config: &Config, install: &InstallCertificate) -> bool {
    let replay = &install.replay;
    let constraint = &replay.body.constraint;
    if replay.signer != config.leader_of(constraint.view) {
        return false;
    }
    if install.commits.len() < config.quorum() {
        return false;
    }
    let digest = Context::from(config).leaf(replay.signer, &replay.body);
    let mut voters = 0u64;
    for vote in install.commits.iter() {
        if vote.body.view == constraint.view
            && vote.body.digest == digest
            && vote.signer.0 >= 1
            && vote.signer.0 <= 64
        {
            voters |= 1u64 << (vote.signer.0 - 1);
        }
    }
    if (voters.count_ones() as usize) < config.quorum() {
        return false;
    }
    names(constraint, &install.resolution) && proven(config, constraint, &replay.body.proof)
}

/// The highest view offered, and the highest with a base at or below `ordered`.
fn highest(state: &State, ordered: Seq) -> (Option<View>, Option<View>) {
    let mut top = None;
    for (&view, install) in state.offered.iter().rev() {
        if top.is_none() {
            top = Some(view);
        }
        if install.resolution.base <= ordered {
            return (top, Some(view));
        }
    }
    (top, None)
}

/// Takes a Replay with Replay-Commits and its resolution.
pub fn on_install_certificate(
    state: &mut State,
    config: &Config,
    message: &Verified<InstallCertificate>,
    ordered: Seq,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let install = message.body();
    let constraint = &install.replay.body.constraint;
    let view = constraint.view;
    if view <= state.installed {
        effects.reject(signer, Reject::Stale);
        return;
    }
    if state.offered.contains_key(&view) {
        effects.reject(signer, Reject::Duplicate);
        return;
    }
    if !valid(config, install) {
        effects.reject(signer, Reject::Invalid);
        return;
    }
    // `None` is below every view.
    let (mut top, mut fitting) = highest(state, ordered);
    let mut stays = false;
    if Some(view) > top {
        top = Some(view);
        stays = true;
    }
    if install.resolution.base <= ordered && Some(view) > fitting {
        fitting = Some(view);
        stays = true;
    }
    if !stays {
        effects.reject(signer, Reject::Premature);
        return;
    }

    state.resolutions.insert(constraint.resolution, install.resolution.clone());
    state.offered.insert(view, install.clone());
    if state.offered.len() > 1 {
        let mut gone: Vec<View> = Vec::new();
        for &other in state.offered.keys() {
            if Some(other) != top && Some(other) != fitting {
                gone.push(other);
            }
        }
        for other in gone {
            state.offered.remove(&other);
        }
    }
}
