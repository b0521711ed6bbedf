//! Somebody shows that a view was installed.

use crate::view_change::{Effects, State, names, proven};
use slots::slot;
use std::collections::BTreeSet;
use wire::prime::InstallCertificate;
use wire::{Config, Reject, ReplicaId, Seq, Verified, auth::Context};

/// Takes a Replay with Replay-Commits and its resolution.
///
/// `ordered` is how far this server has ordered without a gap.
///
/// Rejects (naming the message's sender, nothing changed), in this precedence, v being the view of
/// the Replay's constraint:
/// Rejects: `Stale` if v is at or below `state.installed`;
/// Rejects: `Duplicate` if `offered` has one of v;
/// Rejects: `Invalid` unless the Replay's signer is the leader of v, its constraint is proven
/// ([`proven`]), the resolution is what the constraint names ([`names`]), and the Replay-Commits
/// that have v and the Replay's digest come from at least Q distinct servers;
/// Rejects: `Premature` if it would not stay in `offered`.
///
/// Otherwise it enters `offered` under v, and its resolution `state.resolutions`. Of `offered` only
/// two stay: the one of the highest view, and, of those with a base at or below `ordered`, the one of
/// the highest view (where that is another). The resolution of one that goes stays until
/// [`State::prune`]. A second certificate
/// of one view has the same constraint, so nothing is lost by not judging it.
///
/// Invariant: nothing is decided by a certificate that Q servers did not vote for.
/// Paper: none; the report assumes channels that do not lose. Deviation: none.
#[slot(view_change.on_install_certificate)]
pub fn on_install_certificate(
    state: &mut State,
    config: &Config,
    message: &Verified<InstallCertificate>,
    ordered: Seq,
    effects: &mut Effects,
) {
    let sender = message.signer();
    let context = Context::from(config);
    let replay = message.replay(&context);
    let constraint = &replay.body().constraint;
    let view = constraint.view;
    if view <= state.installed {
        return effects.reject(sender, Reject::Stale);
    }
    if state.offered.contains_key(&view) {
        return effects.reject(sender, Reject::Duplicate);
    }
    let votes = message.commits(&context);
    let matching =
        votes.filter(|vote| (vote.body().view, vote.body().digest) == (view, replay.digest()));
    let voters: BTreeSet<ReplicaId> = matching.map(|vote| vote.signer()).collect();
    let holds = replay.signer() == config.leader_of(view)
        && proven(config, constraint, &replay.body().proof)
        && names(constraint, &message.body().resolution)
        && voters.len() >= config.quorum();
    if !holds {
        return effects.reject(sender, Reject::Invalid);
    }
    let mut offered = state.offered.clone();
    offered.insert(view, message.body().clone());
    let highest = offered.last_key_value().map(|(view, _)| *view);
    let near = |offer: &InstallCertificate| offer.resolution.base <= ordered;
    let nearest = offered.iter().rev().find(|(_, offer)| near(offer)).map(|(view, _)| *view);
    offered.retain(|view, _| Some(*view) == highest || Some(*view) == nearest);
    if !offered.contains_key(&view) {
        return effects.reject(sender, Reject::Premature);
    }
    state.offered = offered;
    let resolution = message.body().resolution.clone();
    state.resolutions.insert(constraint.resolution, resolution);
}
