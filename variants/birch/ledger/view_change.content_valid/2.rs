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

/// How many different servers are among `signers`.
fn distinct(signers: impl Iterator<Item = ReplicaId>) -> usize {
    let mut sorted: Vec<ReplicaId> = signers.collect();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.len()
}

/// What a Replay certificate of a view in `1..view` chose, if it is one.
fn chosen(
    config: &Config,
    context: &Context,
    view: View,
    certificate: &ReplayCertificate,
) -> Option<Chosen> {
    let (replay, constraint) = (&certificate.replay, &certificate.replay.body.constraint);
    let leader = config.leader_of(constraint.view);
    require(constraint.view > View(0) && constraint.view < view && replay.signer == leader)?;
    let about = (constraint.view, context.leaf(replay.signer, &replay.body));
    let voted = certificate
        .prepares
        .iter()
        .filter(|vote| (vote.body.view, vote.body.digest) == about)
        .map(|vote| vote.signer)
        .filter(|signer| *signer != leader);
    require(distinct(voted) >= config.votes_beside_proposer())?;
    require(proven(config, constraint, &replay.body.proof))?;
    Some(Chosen::of(constraint))
}

/// Who voted in a certificate for what it is about: a number, in a view, with a digest.
fn voters(entry: &Certificate, about: (View, Seq, Digest)) -> Vec<ReplicaId> {
    match entry {
        Certificate::Prepared(_, votes) => votes
            .iter()
            .filter(|vote| (vote.body.view, vote.body.seq, vote.body.digest) == about)
            .map(|vote| vote.signer)
            .collect(),
        Certificate::Committed(_, votes) => votes
            .iter()
            .filter(|vote| (vote.body.view, vote.body.seq, vote.body.digest) == about)
            .map(|vote| vote.signer)
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
    require(proposal.body.view < view && proposal.signer == leader)?;
    require(proposal.body.matrix.rows.len() == config.size())?;
    let digest = context.leaf(proposal.signer, &proposal.body);
    let signers = voters(entry, (proposal.body.view, proposal.body.seq, digest)).into_iter();
    require(match entry {
        Certificate::Prepared(..) => {
            distinct(signers.filter(|signer| *signer != leader)) >= config.votes_beside_proposer()
        }
        Certificate::Committed(..) => distinct(signers) >= config.quorum(),
    })?;
    Some((proposal.body.seq, Bound { view: proposal.body.view, digest }))
}

/// Whether the entries' numbers are different, and within what may be said above `executed`.
fn numbers_fit(executed: Seq, entries: &[Certificate]) -> bool {
    let highest = Seq(executed.0.saturating_add(MAX_REPLAY as u64));
    let mut sorted: Vec<Seq> = entries.iter().map(|entry| entry.pre_prepare().body.seq).collect();
    sorted.sort_unstable();
    sorted.first().is_none_or(|lowest| *lowest > executed)
        && sorted.last().is_none_or(|last| *last <= highest)
        && sorted.iter().zip(sorted.iter().skip(1)).all(|(one, next)| one < next)
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
