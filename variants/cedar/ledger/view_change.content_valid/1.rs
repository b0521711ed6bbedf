//! What a server's broadcasts say.

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
        let (seq, bound) = bound(config, &context, view, entry)?;
        if !near(report.executed, seq) || statement.entries.insert(seq, bound).is_some() {
            return None;
        }
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
    if own_view >= view
        || replay.signer != config.leader_of(own_view)
        || !proven(config, constraint, &replay.body.proof)
    {
        return None;
    }
    let digest = context.leaf(replay.signer, &replay.body);
    let votes = certificate
        .prepares
        .iter()
        .map(|vote| (vote.signer, vote.body.view == own_view && vote.body.digest == digest));
    enough(config, &Rule::Beside(replay.signer), votes).then(|| Chosen::of(constraint))
}

/// What an entry binds a number to.
fn bound(
    config: &Config,
    context: &Context,
    view: View,
    entry: &Certificate,
) -> Option<(Seq, Bound)> {
    let proposal: &Signed<PrePrepare> = entry.pre_prepare();
    let body = &proposal.body;
    if body.view >= view || proposal.signer != config.leader_of(body.view) {
        return None;
    }
    let digest = context.leaf(proposal.signer, body);
    let wanted = (body.view, body.seq, digest);
    let sound = match entry {
        Certificate::Prepared(_, votes) => enough(
            config,
            &Rule::Beside(proposal.signer),
            votes.iter().map(|it| {
                (it.signer, (it.body.view, it.body.seq, it.body.digest) == wanted)
            }),
        ),
        Certificate::Committed(_, votes) => enough(
            config,
            &Rule::Quorum,
            votes.iter().map(|it| {
                (it.signer, (it.body.view, it.body.seq, it.body.digest) == wanted)
            }),
        ),
    };
    sound.then_some((body.seq, Bound { view: body.view, digest }))
}

/// Whether votes, each with whether it fits, ascend and are as many as the rule wants.
fn enough(config: &Config, rule: &Rule, votes: impl Iterator<Item = (ReplicaId, bool)>) -> bool {
    let (need, leader) = match rule {
        Rule::Beside(leader) => (config.votes_beside_proposer(), Some(*leader)),
        Rule::Quorum => (config.quorum(), None),
    };
    let mut count = 0_usize;
    let mut last = None;
    for (signer, fits) in votes {
        if !fits || Some(signer) <= last || Some(signer) == leader {
            return false;
        }
        last = Some(signer);
        count = count.saturating_add(1);
    }
    count >= need
}
