//! Takes an install certificate.

use std::collections::{BTreeMap, BTreeSet};

use prime::view_change::{Effects, State, names, proven};
use wire::auth::Context;
use wire::prime::InstallCertificate;
use wire::{Config, Reject, Seq, Verified, View};

/// Keeps it in `offered`, if it is of use.
pub fn on_install_certificate(
    state: &mut State,
    config: &Config,
    message: &Verified<InstallCertificate>,
    ordered: Seq,
    effects: &mut Effects,
) {
    let install = message.body();
    let view = install.replay.body.constraint.view;
    let guards: [(&dyn Fn() -> bool, Reject); 4] = [
        (&|| view <= state.installed, Reject::Stale),
        (&|| state.offered.contains_key(&view), Reject::Duplicate),
        (&|| !valid(config, install), Reject::Invalid),
        (&|| !of_use(&state.offered, view, install, ordered), Reject::Premature),
    ];
    if let Some(reason) = guards.iter().find_map(|(holds, reason)| holds().then_some(*reason)) {
        effects.reject(message.signer(), reason);
        return;
    }
    state
        .resolutions
        .entry(install.replay.body.constraint.resolution)
        .or_insert_with(|| install.resolution.clone());
    state.offered.insert(view, install.clone());
    let highest = state.offered.last_key_value().map(|(view, _)| *view);
    let usable = highest_usable(&state.offered, ordered);
    state.offered.retain(|view, _| Some(*view) == highest || Some(*view) == usable);
}

fn valid(config: &Config, install: &InstallCertificate) -> bool {
    let replay = &install.replay;
    let constraint = &replay.body.constraint;
    if replay.signer != config.leader_of(constraint.view)
        || !proven(config, constraint, &replay.body.proof)
        || !names(constraint, &install.resolution)
    {
        return false;
    }
    let digest = Context::from(config).leaf(replay.signer, &replay.body);
    let voters: BTreeSet<_> = install
        .commits
        .iter()
        .filter(|commit| commit.body.view == constraint.view && commit.body.digest == digest)
        .map(|commit| commit.signer)
        .collect();
    voters.len() >= config.quorum()
}

/// Whether the certificate would be of the highest view, or of the highest that could be installed.
fn of_use(
    offered: &BTreeMap<View, InstallCertificate>,
    view: View,
    install: &InstallCertificate,
    ordered: Seq,
) -> bool {
    let above_all = offered.last_key_value().is_none_or(|(highest, _)| view > *highest);
    let usable = install.resolution.base <= ordered
        && highest_usable(offered, ordered).is_none_or(|highest| view > highest);
    above_all || usable
}

fn highest_usable(offered: &BTreeMap<View, InstallCertificate>, ordered: Seq) -> Option<View> {
    offered
        .iter()
        .rev()
        .find(|(_, install)| install.resolution.base <= ordered)
        .map(|(view, _)| *view)
}
