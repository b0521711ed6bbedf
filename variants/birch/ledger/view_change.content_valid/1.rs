//! `view_change.content_valid`: what a correct server can have said.

use prime::view_change::{Chosen, Statement, proven};
use std::collections::BTreeMap;
use wire::auth::Context;
use wire::prime::{Bound, Certificate, MAX_REPLAY, ReplayCertificate, Report};
use wire::{Config, Digest, ReplicaId, Seq, View};

/// `Some` if it holds.
fn require(holds: bool) -> Option<()> {
    holds.then_some(())
}

/// Whether `signers` are strictly ascending, at least `least`, and without `leader`, if that is given.
fn signed_by(signers: &[ReplicaId], least: usize, leader: Option<ReplicaId>) -> bool {
    signers.len() >= least
        && signers.iter().zip(signers.iter().skip(1)).all(|(one, next)| one < next)
        && signers.iter().all(|signer| Some(*signer) != leader)
}

/// What a Replay certificate of a view below `view` chose, if it is one.
fn chosen(
    config: &Config,
    context: &Context,
    view: View,
    certificate: &ReplayCertificate,
) -> Option<Chosen> {
    let (replay, constraint) = (&certificate.replay, &certificate.replay.body.constraint);
    let leader = config.leader_of(constraint.view);
    let signers: Vec<ReplicaId> = certificate.prepares.iter().map(|vote| vote.signer).collect();
    require(constraint.view < view && replay.signer == leader)?;
    require(signed_by(&signers, config.votes_beside_proposer(), Some(leader)))?;
    let digest = context.leaf(replay.signer, &replay.body);
    require(
        certificate
            .prepares
            .iter()
            .all(|vote| vote.body.view == constraint.view && vote.body.digest == digest),
    )?;
    require(proven(config, constraint, &replay.body.proof))?;
    Some(Chosen::of(constraint))
}

/// Who votes in a certificate, and for what.
fn votes(certificate: &Certificate) -> Vec<(ReplicaId, (View, Seq, Digest))> {
    match certificate {
        Certificate::Prepared(_, votes) => votes
            .iter()
            .map(|vote| (vote.signer, (vote.body.view, vote.body.seq, vote.body.digest)))
            .collect(),
        Certificate::Committed(_, votes) => votes
            .iter()
            .map(|vote| (vote.signer, (vote.body.view, vote.body.seq, vote.body.digest)))
            .collect(),
    }
}

/// What an entry binds its number to, if it is a certificate of a view below `view`.
fn bound(
    config: &Config,
    context: &Context,
    view: View,
    entry: &Certificate,
) -> Option<(Seq, Bound)> {
    let proposal = entry.pre_prepare();
    let leader = config.leader_of(proposal.body.view);
    let (signers, contents): (Vec<ReplicaId>, Vec<(View, Seq, Digest)>) =
        votes(entry).into_iter().unzip();
    require(proposal.body.view < view && proposal.signer == leader)?;
    require(match entry {
        Certificate::Prepared(..) => {
            signed_by(&signers, config.votes_beside_proposer(), Some(leader))
        }
        Certificate::Committed(..) => signed_by(&signers, config.quorum(), None),
    })?;
    let digest = context.leaf(proposal.signer, &proposal.body);
    let about = (proposal.body.view, proposal.body.seq, digest);
    require(contents.iter().all(|content| *content == about))?;
    Some((proposal.body.seq, Bound { view: proposal.body.view, digest }))
}

/// Whether the entries' numbers ascend within what may be said above `executed`.
fn numbers_fit(executed: Seq, entries: &[Certificate]) -> bool {
    let numbers = || entries.iter().map(|entry| entry.pre_prepare().body.seq);
    let highest = executed.0.saturating_add(MAX_REPLAY as u64);
    numbers().all(|seq| seq > executed && seq.0 <= highest)
        && numbers().zip(numbers().skip(1)).all(|(one, next)| one < next)
}

/// What a Report and its entries say.
pub fn content_valid(
    config: &Config,
    view: View,
    report: &Report,
    entries: &[Certificate],
) -> Option<Statement> {
    let context = Context::from(config);
    require(u64::from(report.count) == entries.len() as u64 && entries.len() <= MAX_REPLAY)?;
    require(numbers_fit(report.executed, entries))?;
    let replay = match &report.replay {
        None => None,
        Some(certificate) => Some(chosen(config, &context, view, certificate)?),
    };
    let entries: Option<BTreeMap<Seq, Bound>> =
        entries.iter().map(|entry| bound(config, &context, view, entry)).collect();
    Some(Statement { executed: report.executed, replay, entries: entries? })
}
