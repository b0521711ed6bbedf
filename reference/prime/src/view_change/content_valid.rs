//! Whether what a server broadcast can be true.

use crate::view_change::{Chosen, Statement, proven};
use slots::slot;
use std::collections::{BTreeMap, BTreeSet};
use wire::auth::Context;
use wire::prime::{Bound, Certificate, MAX_REPLAY, PrePrepare, ReplayCertificate, Report};
use wire::{Config, Digest, ReplicaId, Seq, Signed, View};

/// Returns what a Report of `view` and the entries broadcast with it say, or `None` if a correct
/// server cannot have said it.
///
/// The signatures inside were verified; everything else is decided here, by the bytes alone, so that
/// it is decided alike everywhere. With Q = `config.quorum()`, all of this must hold:
/// - `count` is the number of `entries` and at most `MAX_REPLAY`;
/// - the Replay certificate, if there is one, is of a view u in `1..view`; its Replay is signed by
///   the leader of u and its constraint proven ([`proven`]); at least Q - 1 distinct servers other
///   than that leader voted Replay-Prepare in u for the Replay's digest;
/// - each entry is about a view below `view` and a number in `(executed, executed + MAX_REPLAY]` (a sum
///   that does not fit is the highest number), no two about one number; its Pre-Prepare is signed by that
///   view's leader and has N rows; of the votes that have its view, number and digest, Prepares come from
///   at least Q - 1 distinct servers other than that leader, Commits from at least Q distinct servers.
///
/// The statement has `executed`, the certificate's view, base, startSeq and R, and for each entry
/// its number with the view and digest of its Pre-Prepare.
///
/// Paper: 5.3, "State Dissemination Phase". Deviation: certificates of ordered numbers and the
/// Replay certificate belong to a server's state; the report leaves open what is valid.
///
/// Invariant: equal broadcasts give equal answers at all servers, whatever else they hold; bad ones
/// give `None`, never a panic.
#[slot(view_change.content_valid)]
pub fn content_valid(
    config: &Config,
    view: View,
    report: &Report,
    entries: &[Certificate],
) -> Option<Statement> {
    let count = usize::try_from(report.count).ok()?;
    if count != entries.len() || count > MAX_REPLAY {
        return None;
    }
    let replay = match &report.replay {
        Some(held) => Some(chosen(config, view, held)?),
        None => None,
    };
    let last = Seq(report.executed.0.saturating_add(MAX_REPLAY as u64));
    let mut bounds = BTreeMap::new();
    for entry in entries {
        let (seq, bound) = bound(config, entry)?;
        let fits = bound.view < view && report.executed < seq && seq <= last;
        if !fits || bounds.insert(seq, bound).is_some() {
            return None;
        }
    }
    Some(Statement { executed: report.executed, replay, entries: bounds })
}

fn chosen(config: &Config, view: View, held: &ReplayCertificate) -> Option<Chosen> {
    let constraint = &held.replay.body.constraint;
    let leader = config.leader_of(constraint.view);
    let digest = Context::from(config).leaf(held.replay.signer, &held.replay.body);
    let votes = held.prepares.iter().filter(|vote| {
        vote.signer != leader && (vote.body.view, vote.body.digest) == (constraint.view, digest)
    });
    let voters: BTreeSet<ReplicaId> = votes.map(|vote| vote.signer).collect();
    let holds = View(0) < constraint.view
        && constraint.view < view
        && held.replay.signer == leader
        && proven(config, constraint, &held.replay.body.proof)
        && voters.len() >= config.votes_beside_proposer();
    holds.then(|| Chosen::of(constraint))
}

/// What an entry binds to which number, if it proves that.
fn bound(config: &Config, entry: &Certificate) -> Option<(Seq, Bound)> {
    let proposal: &Signed<PrePrepare> = entry.pre_prepare();
    let (view, seq) = (proposal.body.view, proposal.body.seq);
    let leader = config.leader_of(view);
    let digest = Context::from(config).leaf(proposal.signer, &proposal.body);
    let matches = |v: View, n: Seq, d: Digest| (v, n, d) == (view, seq, digest);
    let voters: BTreeSet<ReplicaId> = match entry {
        Certificate::Prepared(_, votes) => votes
            .iter()
            .filter(|vote| matches(vote.body.view, vote.body.seq, vote.body.digest))
            .map(|vote| vote.signer)
            .filter(|voter| *voter != leader)
            .collect(),
        Certificate::Committed(_, votes) => votes
            .iter()
            .filter(|vote| matches(vote.body.view, vote.body.seq, vote.body.digest))
            .map(|vote| vote.signer)
            .collect(),
    };
    let need = match entry {
        Certificate::Prepared(..) => config.votes_beside_proposer(),
        Certificate::Committed(..) => config.quorum(),
    };
    let whole = proposal.body.matrix.rows.len() == config.size();
    let holds = proposal.signer == leader && whole && voters.len() >= need;
    holds.then_some((seq, Bound { view, digest }))
}
