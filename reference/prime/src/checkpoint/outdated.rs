//! Which records of view changes a log can do without.

use slots::slot;
use std::collections::BTreeSet;
use wire::machine::Record;
use wire::prime::{Body, Incoming, InstallCertificate, Payload, Prime, Replay};
use wire::{Digest, Seq, View};

/// Finds the records of view changes that are of no more use in a log that begins with the state after
/// `seq`: one answer for each record, in order, true if the log can do without it.
///
/// Let v be the highest view for which a Replay-Commit was promised (0 if none was); c the highest view
/// that the server entered: of a promised RbInit, of a promised Install-Certificate, or v; and b the
/// highest view of a promised Install-Certificate whose constraint has a `start_seq` at or below
/// `seq + 1` (0 if there is none): whatever is above `seq` belongs to b or a later view. The log can
/// do without
/// 1. everything that was said or held in a change to a view below c (nobody in c votes in one), that
///    is, of the records about such a view: promised RbInits, Echos, Readys, VC-Lists, Replays,
///    Replay-Prepares and Replay-Commits, and held RbInits, Replays and Replay-Prepares (a log has no
///    others). But it needs, of the change to v, what its Replay certificate is made of: the first
///    promised RbInit in the log, which begins the change, all held Replays and promised
///    Replay-Commits; and all held Replay-Prepares of v or a later view;
/// 2. promised Install-Certificates of views below b; and each of another view, if further on in the log
///    an Install-Certificate is promised that has the same R (`constraint.resolution`), and no
///    Pre-Prepare of its view is promised or held further on: that one binds the same numbers alike;
/// 3. all promised New-Leader-Proofs but the last;
/// 4. once that is decided, promised ResolutionAnswers whose R no promised Install-Certificate, promised
///    Replay, held Replay or held RbInit (a Report's Replay certificate) that the log needs names; and, of
///    the others, each that follows an equal one with no promised RbInit or Install-Certificate that the
///    log needs between the two: at these a restart forgets the resolutions that nothing before them
///    names.
///
/// It needs everything else, of whatever kind.
///
/// Invariant: after a restart the next Report names what it would have named, and numbers above `seq`
/// are bound as they were.
/// Paper: none; the report's servers do not forget. Deviation: none.
#[slot(checkpoint.outdated)]
#[must_use]
pub fn outdated(seq: Seq, records: &[Record<Prime>]) -> Vec<bool> {
    let commits = records.iter().filter_map(|record| match record {
        Record::Promise(Body::ReplayCommit(vote)) => Some(vote.view),
        Record::Promise(_) | Record::Held(_) => None,
    });
    let voted = commits.max().unwrap_or_default();
    let begins = |record: &Record<Prime>| match record {
        Record::Promise(Body::RbInit(init)) => Some(init.view),
        Record::Promise(_) | Record::Held(_) => None,
    };
    let entered = records.iter().filter_map(|record| {
        begins(record).or_else(|| Some(install(record)?.replay.body.constraint.view))
    });
    let entered = entered.max().unwrap_or_default().max(voted);
    let beginning = records.iter().position(|record| begins(record) == Some(voted));
    let begun = records.iter().filter_map(install);
    let begun = begun.filter(|install| install.replay.body.constraint.start_seq <= seq.next());
    let base = begun.map(|install| install.replay.body.constraint.view).max().unwrap_or_default();
    let last_proof = records
        .iter()
        .rposition(|record| matches!(record, Record::Promise(Body::NewLeaderProof(_))));

    let settled = |(at, record): (usize, &Record<Prime>)| match record {
        Record::Promise(Body::NewLeaderProof(_)) => Some(at) != last_proof,
        Record::Promise(Body::InstallCertificate(held)) => {
            held.replay.body.constraint.view < base || repeated(held, &records[at + 1..])
        }
        Record::Promise(_) | Record::Held(_) => round_of(record).is_some_and(|view| {
            let needed = view == voted && (Some(at) == beginning || certifies(record));
            let vote = matches!(record, Record::Held(Incoming::ReplayPrepare(_)));
            view < entered && !needed && !(vote && view >= voted)
        }),
    };
    let mut answers: Vec<bool> = records.iter().enumerate().map(settled).collect();
    let kept = || records.iter().zip(&answers).filter(|(_, drop)| !**drop).map(|(held, _)| held);
    let named: BTreeSet<Digest> = kept().filter_map(resolution_named).collect();
    // Those that a restart has read and not forgotten.
    let mut read: BTreeSet<Digest> = BTreeSet::new();
    for (record, answer) in records.iter().zip(&mut answers) {
        if let Record::Promise(Body::ResolutionAnswer(held)) = record {
            let digest = held.resolution.digest();
            *answer = !named.contains(&digest) || !read.insert(digest);
        } else if !*answer && (begins(record).is_some() || install(record).is_some()) {
            read.clear();
        }
    }
    answers
}

fn install(record: &Record<Prime>) -> Option<&InstallCertificate> {
    match record {
        Record::Promise(Body::InstallCertificate(install)) => Some(install),
        Record::Promise(_) | Record::Held(_) => None,
    }
}

/// Whether nothing of the view of `held` stands in the rest of the log but the way to a view that begins
/// alike.
fn repeated(held: &InstallCertificate, rest: &[Record<Prime>]) -> bool {
    let constraint = &held.replay.body.constraint;
    let used = rest.iter().any(|record| match record {
        Record::Promise(Body::PrePrepare(proposal)) => proposal.view == constraint.view,
        Record::Held(Incoming::PrePrepare(held)) => held.body().view == constraint.view,
        Record::Promise(_) | Record::Held(_) => false,
    });
    let alike = |install: &InstallCertificate| {
        install.replay.body.constraint.resolution == constraint.resolution
    };
    !used && rest.iter().filter_map(install).any(alike)
}

/// The view to which the change led that the record belongs to, if it belongs to one.
#[expect(clippy::wildcard_enum_match_arm, reason = "most records belong to no change")]
fn round_of(record: &Record<Prime>) -> Option<View> {
    Some(match record {
        Record::Promise(Body::RbInit(init)) => init.view,
        Record::Promise(Body::RbEcho(vote)) => vote.view,
        Record::Promise(Body::RbReady(vote)) => vote.view,
        Record::Promise(Body::VcList(list)) => list.view,
        Record::Promise(Body::Replay(replay)) => replay.constraint.view,
        Record::Promise(Body::ReplayPrepare(vote)) => vote.view,
        Record::Promise(Body::ReplayCommit(vote)) => vote.view,
        Record::Held(Incoming::RbInit(init)) => init.body().view,
        Record::Held(Incoming::Replay(replay)) => replay.body().constraint.view,
        Record::Held(Incoming::ReplayPrepare(vote)) => vote.body().view,
        _ => return None,
    })
}

/// Whether a Replay certificate is made of such records, beside the votes for it.
fn certifies(record: &Record<Prime>) -> bool {
    matches!(record, Record::Promise(Body::ReplayCommit(_)) | Record::Held(Incoming::Replay(_)))
}

/// The resolution that the record rests on.
#[expect(clippy::wildcard_enum_match_arm, reason = "most records rest on none")]
fn resolution_named(record: &Record<Prime>) -> Option<Digest> {
    let named = |replay: &Replay| replay.constraint.resolution;
    match record {
        Record::Promise(Body::InstallCertificate(install)) => Some(named(&install.replay.body)),
        Record::Promise(Body::Replay(replay)) => Some(named(replay)),
        Record::Held(Incoming::Replay(replay)) => Some(named(replay.body())),
        Record::Held(Incoming::RbInit(init)) => match &init.body().payload {
            Payload::Report(report) => Some(named(&report.replay.as_ref()?.replay.body)),
            Payload::Entry(_) => None,
        },
        _ => None,
    }
}
