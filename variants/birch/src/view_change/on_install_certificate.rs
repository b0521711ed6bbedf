//! `view_change.on_install_certificate`: a view that others installed.

use prime::view_change::{Effects, State, names, proven};
use wire::auth::Context;
use wire::prime::InstallCertificate;
use wire::{Config, Reject, ReplicaId, Seq, Verified, View};

/// Whether Q servers voted to commit what a certificate shows.
fn valid(config: &Config, message: &Verified<InstallCertificate>) -> bool {
    let install = message.body();
    let constraint = &install.replay.body.constraint;
    if install.replay.signer != config.leader_of(constraint.view)
        || !names(constraint, &install.resolution)
    {
        return false;
    }
    let digest = message.replay(&Context::from(config)).digest();
    let mut voters: Vec<ReplicaId> = install
        .commits
        .iter()
        .filter(|vote| vote.body.view == constraint.view && vote.body.digest == digest)
        .map(|vote| vote.signer)
        .collect();
    voters.sort_unstable();
    voters.dedup();
    voters.len() >= config.quorum() && proven(config, constraint, &install.replay.body.proof)
}

/// The views that stay of those offered and one more, whose base is `base`: the highest, and the
/// highest that can be installed after `ordered`.
fn staying(state: &State, view: View, base: Seq, ordered: Seq) -> (Option<View>, Option<View>) {
    let all = || {
        state
            .offered
            .iter()
            .map(|(&view, install)| (view, install.replay.body.constraint.base))
            .chain([(view, base)])
    };
    (
        all().map(|(view, _)| view).max(),
        all().filter(|(_, base)| *base <= ordered).map(|(view, _)| view).max(),
    )
}

/// Why the certificate is not taken, or which views stay with it.
fn judge(
    state: &State,
    config: &Config,
    message: &Verified<InstallCertificate>,
    ordered: Seq,
) -> Result<(Option<View>, Option<View>), Reject> {
    let constraint = &message.body().replay.body.constraint;
    let view = constraint.view;
    if view <= state.installed {
        return Err(Reject::Stale);
    }
    if state.offered.contains_key(&view) {
        return Err(Reject::Duplicate);
    }
    if !valid(config, message) {
        return Err(Reject::Invalid);
    }
    let stay = staying(state, view, constraint.base, ordered);
    (stay.0 == Some(view) || stay.1 == Some(view)).then_some(stay).ok_or(Reject::Premature)
}

/// Takes a certificate.
pub fn on_install_certificate(
    state: &mut State,
    config: &Config,
    message: &Verified<InstallCertificate>,
    ordered: Seq,
    effects: &mut Effects,
) {
    match judge(state, config, message, ordered) {
        Err(reason) => effects.reject(message.signer(), reason),
        Ok((highest, next)) => {
            let install = message.body();
            let constraint = &install.replay.body.constraint;
            state.resolutions.insert(constraint.resolution, install.resolution.clone());
            state.offered.insert(constraint.view, install.clone());
            state.offered.retain(|view, _| Some(*view) == highest || Some(*view) == next);
        }
    }
}
