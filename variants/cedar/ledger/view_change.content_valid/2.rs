//! What a server's broadcasts say.

use std::collections::BTreeSet;

use prime::view_change::{Chosen, Statement, proven};
use wire::auth::Context;
use wire::prime::{Bound, Certificate, MAX_REPLAY, PrePrepare, ReplayCertificate, Report};
use wire::{Config, ReplicaId, Seq, Signed, View};

/// What votes must amount to.
enum Rule {
    /// Q - 1 of others than this one.
    Beside(ReplicaId),
    /// Q.
    Quorum,
}

/// The statement, if a correct server can have made it.
pub fn content_valid(
    config: &Config,
    view: View,
    report: &Report,
    entries: &[Certificate],
) -> Option<Statement> {
    let counted = usize::try_from(report.count) == Ok(entries.len()) && entries.len() <= MAX_REPLAY;
    if !counted {
        return None;
    }
    let context = Context::from(config);
    let replay = match &report.replay {
        None => None,
        Some(certificate) => Some(chosen(config, &context, view, certificate)?),
    };
    let mut statement = Statement { executed: report.executed, replay, ..Statement::default() };
    for entry in entries {
        let seq = entry.pre_prepare().body.seq;
        if !near(report.executed, seq) || statement.entries.contains_key(&seq) {
            return None;
        }
        statement.entries.insert(seq, bound(config, &context, view, entry)?);
    }
    Some(statement)
}

/// Whether `seq` is one of the numbers that may be ordered beyond `executed`.
fn near(executed: Seq, seq: Seq) -> bool {
    let ahead = seq.0.checked_sub(executed.0).and_then(|ahead| usize::try_from(ahead).ok());
    ahead.is_some_and(|ahead| (1..=MAX_REPLAY).contains(&ahead))
}

/// What a Replay certificate chose.
fn chosen(
    config: &Config,
    context: &Context,
    view: View,
    certificate: &ReplayCertificate,
) -> Option<Chosen> {
    let replay = &certificate.replay;
    let constraint = &replay.body.constraint;
    let own_view = constraint.view;
    if !(View(1)..view).contains(&own_view)
        || replay.signer != config.leader_of(own_view)
        || !proven(config, constraint, &replay.body.proof)
    {
        return None;
    }
    let digest = context.leaf(replay.signer, &replay.body);
    let fitting = certificate
        .prepares
        .iter()
        .filter(|vote| vote.body.view == own_view && vote.body.digest == digest)
        .map(|vote| vote.signer);
    enough(config, &Rule::Beside(replay.signer), fitting).then(|| Chosen::of(constraint))
}

/// What an entry binds its number to.
fn bound(config: &Config, context: &Context, view: View, entry: &Certificate) -> Option<Bound> {
    let proposal: &Signed<PrePrepare> = entry.pre_prepare();
    let body = &proposal.body;
    let guards = [
        body.view >= view,
        proposal.signer != config.leader_of(body.view),
        body.matrix.rows.len() != config.size(),
    ];
    if guards.contains(&true) {
        return None;
    }
    let digest = context.leaf(proposal.signer, body);
    let wanted = (body.view, body.seq, digest);
    let sound = match entry {
        Certificate::Prepared(_, votes) => enough(
            config,
            &Rule::Beside(proposal.signer),
            votes
                .iter()
                .filter(|it| (it.body.view, it.body.seq, it.body.digest) == wanted)
                .map(|it| it.signer),
        ),
        Certificate::Committed(_, votes) => enough(
            config,
            &Rule::Quorum,
            votes
                .iter()
                .filter(|it| (it.body.view, it.body.seq, it.body.digest) == wanted)
                .map(|it| it.signer),
        ),
    };
    sound.then_some(Bound { view: body.view, digest })
}

/// Whether the distinct signers of fitting votes are as many as the rule wants.
fn enough(config: &Config, rule: &Rule, fitting: impl Iterator<Item = ReplicaId>) -> bool {
    let (need, leader) = match rule {
        Rule::Beside(leader) => (config.votes_beside_proposer(), Some(*leader)),
        Rule::Quorum => (config.quorum(), None),
    };
    let distinct: BTreeSet<ReplicaId> =
        fitting.filter(|signer| Some(*signer) != leader).collect();
    distinct.len() >= need
}
