//! Which records of view changes a log can do without.

use slots::slot;
use std::collections::BTreeSet;
use wire::machine::Record;
use wire::prime::{Body, Incoming, InstallCertificate, Prime, Replay};
use wire::{Digest, Seq, View};

/// Finds the records of view changes that are of no more use in a log that begins with the state after
/// `seq`: one answer for each record, in order, true if the log can do without it.
///
/// Let v be the highest view for which a Replay-Commit was promised, and b the highest view whose
/// promised Install-Certificate begins that view's numbers at or below `seq + 1` (0 if there is none):
/// whatever is above `seq` belongs to b or a later view. The log can do without
/// - everything that was said or held in a change to a view below v: broadcasts and the votes on
///   them, lists, Replays and the votes on them;
/// - promised Install-Certificates of views below b;
/// - promised resolutions that no Install-Certificate or Replay that it needs names;
/// - all promised New-Leader-Proofs but the last.
///
/// It needs everything else, in particular the Replay certificate of v.
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
    let begun = records.iter().filter_map(install);
    let begun = begun.filter(|install| install.replay.body.constraint.start_seq <= seq.next());
    let base = begun.map(|install| install.replay.body.constraint.view).max().unwrap_or_default();
    let last_proof = records
        .iter()
        .rposition(|record| matches!(record, Record::Promise(Body::NewLeaderProof(_))));

    let settled = |(at, record): (usize, &Record<Prime>)| match record {
        Record::Promise(Body::NewLeaderProof(_)) => Some(at) != last_proof,
        Record::Promise(Body::InstallCertificate(held)) => held.replay.body.constraint.view < base,
        Record::Promise(_) | Record::Held(_) => round_of(record).is_some_and(|view| view < voted),
    };
    let mut answers: Vec<bool> = records.iter().enumerate().map(settled).collect();
    let kept = || records.iter().zip(&answers).filter(|(_, drop)| !**drop).map(|(held, _)| held);
    let named: BTreeSet<Digest> = kept().filter_map(resolution_named).collect();
    for (record, answer) in records.iter().zip(&mut answers) {
        if let Record::Promise(Body::ResolutionAnswer(held)) = record {
            *answer = !named.contains(&held.resolution.digest());
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

/// The resolution that the record rests on.
#[expect(clippy::wildcard_enum_match_arm, reason = "most records rest on none")]
fn resolution_named(record: &Record<Prime>) -> Option<Digest> {
    let named = |replay: &Replay| replay.constraint.resolution;
    match record {
        Record::Promise(Body::InstallCertificate(install)) => Some(named(&install.replay.body)),
        Record::Promise(Body::Replay(replay)) => Some(named(replay)),
        Record::Held(Incoming::Replay(replay)) => Some(named(replay.body())),
        _ => None,
    }
}
