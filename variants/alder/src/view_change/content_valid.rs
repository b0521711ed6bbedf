//! Whether a correct server can have said what was broadcast.

use prime::view_change::{Chosen, Statement, proven};
use std::collections::BTreeMap;
use wire::auth::Context;
use wire::prime::{
    Bound, Certificate, Commit, MAX_REPLAY, PrePrepare, Prepare, ReplayCertificate, Report,
};
use wire::{Config, Digest, ReplicaId, Seq, Signed, View};

/// The bit of server `id` in a word, from 1; none for what is no server.
fn bit(id: ReplicaId) -> u64 {
    if id.0 >= 1 && id.0 <= 64 { 1u64 << (id.0 - 1) } else { 0 }
}

/// Whether the Replay certificate in a Report of `view` is one.
fn replay_valid(
    config: &Config,
    context: &Context,
    view: View,
    certificate: &ReplayCertificate,
) -> bool {
    let replay = &certificate.replay;
    let chosen_in = replay.body.constraint.view;
    if chosen_in < View(1) || chosen_in >= view {
        return false;
    }
    let leader = config.leader_of(chosen_in);
    if replay.signer != leader || certificate.prepares.len() < config.votes_beside_proposer() {
        return false;
    }
    let digest = context.leaf(replay.signer, &replay.body);
    let mut voters = 0u64;
    for vote in certificate.prepares.iter() {
        if vote.body.view == chosen_in && vote.body.digest == digest && vote.signer != leader {
            voters |= bit(vote.signer);
        }
    }
    if (voters.count_ones() as usize) < config.votes_beside_proposer() {
        return false;
    }
    proven(config, &replay.body.constraint, &replay.body.proof)
}

/// Who prepared the Pre-Prepare with `digest`, without its leader.
fn preparers(proposal: &PrePrepare, digest: Digest, leader: ReplicaId, votes: &[Signed<Prepare>]) -> usize {
    let mut voters = 0u64;
    for vote in votes {
        let body = &vote.body;
        if body.view == proposal.view
            && body.seq == proposal.seq
            && body.digest == digest
            && vote.signer != leader
        {
            voters |= bit(vote.signer);
        }
    }
    voters.count_ones() as usize
}

/// Who committed the Pre-Prepare with `digest`.
fn committers(proposal: &PrePrepare, digest: Digest, votes: &[Signed<Commit>]) -> usize {
    let mut voters = 0u64;
    for vote in votes {
        let body = &vote.body;
        if body.view == proposal.view && body.seq == proposal.seq && body.digest == digest {
            voters |= bit(vote.signer);
        }
    }
    voters.count_ones() as usize
}

/// The number of an entry of `view` beyond `executed`, and what it is bound to, if it is one.
fn entry_valid(
    config: &Config,
    context: &Context,
    view: View,
    executed: Seq,
    entry: &Certificate,
) -> Option<(Seq, Bound)> {
    let signed = entry.pre_prepare();
    let proposal = &signed.body;
    let last = Seq(executed.0.saturating_add(MAX_REPLAY as u64));
    if proposal.view >= view || proposal.seq <= executed || proposal.seq > last {
        return None;
    }
    let leader = config.leader_of(proposal.view);
    if signed.signer != leader || proposal.matrix.rows.len() != config.size() {
        return None;
    }
    // Too few votes need no hashing.
    let few = match entry {
        Certificate::Prepared(_, votes) => votes.len() < config.votes_beside_proposer(),
        Certificate::Committed(_, votes) => votes.len() < config.quorum(),
    };
    if few {
        return None;
    }
    let digest = context.leaf(signed.signer, proposal);
    let enough = match entry {
        Certificate::Prepared(_, votes) => {
            preparers(proposal, digest, leader, votes) >= config.votes_beside_proposer()
        }
        Certificate::Committed(_, votes) => {
            committers(proposal, digest, votes) >= config.quorum()
        }
    };
    if !enough {
        return None;
    }
    Some((proposal.seq, Bound { view: proposal.view, digest }))
}

/// What a Report of `view` and the entries broadcast with it say.
pub fn content_valid(
    config: &Config,
    view: View,
    report: &Report,
    entries: &[Certificate],
) -> Option<Statement> {
    if entries.len() > MAX_REPLAY || report.count as usize != entries.len() {
        return None;
    }
    let context = Context::from(config);
    let mut replay = None;
    if let Some(certificate) = &report.replay {
        if !replay_valid(config, &context, view, certificate) {
            return None;
        }
        replay = Some(Chosen::of(&certificate.replay.body.constraint));
    }
    let mut bound = BTreeMap::new();
    for entry in entries {
        let (seq, what) = entry_valid(config, &context, view, report.executed, entry)?;
        if bound.insert(seq, what).is_some() {
            return None;
        }
    }
    Some(Statement { executed: report.executed, replay, entries: bound })
}
