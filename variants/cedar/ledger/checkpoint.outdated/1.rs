//! What a log can do without of view changes.

use std::collections::BTreeSet;

use wire::prime::{Body, Incoming, InstallCertificate, Prime};
use wire::{Digest, Record, Seq, View};

/// What a record is to a view change.
enum About {
    /// Opens the own change to a view.
    Entry(View),
    /// Makes a Replay certificate: a Replay or a vote for it.
    Vote(View),
    /// Something else that was said or held during a change.
    Word(View),
    Resolution(Digest),
    Install,
    Else,
}

/// For each record, whether a log that begins with the state after `seq` can do without it.
pub fn outdated(seq: Seq, records: &[Record<Prime>]) -> Vec<bool> {
    let installs = useful_installs(seq, records);
    let entered = records.iter().filter_map(entered).max();
    let committed = records.iter().filter_map(committed).max();
    let needed = needed(seq, records, &installs, committed);
    let mut seen = BTreeSet::new();
    records
        .iter()
        .enumerate()
        .map(|(place, record)| match about(record) {
            About::Entry(view) | About::Vote(view) => {
                Some(view) < entered && Some(view) != committed
            }
            About::Word(view) => Some(view) < entered,
            About::Resolution(digest) => !needed.contains(&digest) || !seen.insert(digest),
            About::Install => !installs.contains(&place),
            About::Else => false,
        })
        .collect()
}

fn about(record: &Record<Prime>) -> About {
    match record {
        Record::Promise(body) => promised(body),
        Record::Held(message) => held(message),
    }
}

fn promised(body: &Body) -> About {
    match body {
        Body::NewLeaderProof(it) => {
            it.votes.first().map_or(About::Else, |vote| About::Word(vote.body.view))
        }
        Body::RbInit(it) if it.seq == 0 => About::Entry(it.view),
        Body::RbInit(it) => About::Word(it.view),
        Body::RbEcho(it) => About::Word(it.view),
        Body::RbReady(it) => About::Word(it.view),
        Body::VcList(it) => About::Word(it.view),
        Body::VcPartialSig(it) => About::Word(it.constraint.view),
        Body::VcProof(it) => About::Word(it.constraint.view),
        Body::Replay(it) => About::Vote(it.constraint.view),
        Body::ReplayPrepare(it) => About::Vote(it.view),
        Body::ReplayCommit(it) => About::Vote(it.view),
        Body::ResolutionAnswer(it) => About::Resolution(it.resolution.digest()),
        Body::InstallCertificate(_) => About::Install,
        _ => About::Else,
    }
}

fn held(message: &Incoming) -> About {
    match message {
        Incoming::RbInit(it) => About::Word(it.body().view),
        Incoming::RbEcho(it) => About::Word(it.body().view),
        Incoming::RbReady(it) => About::Word(it.body().view),
        Incoming::VcList(it) => About::Word(it.body().view),
        Incoming::VcPartialSig(it) => About::Word(it.body().constraint.view),
        Incoming::VcProof(it) => About::Word(it.body().constraint.view),
        Incoming::Replay(it) => About::Vote(it.body().constraint.view),
        Incoming::ReplayPrepare(it) => About::Vote(it.body().view),
        Incoming::ReplayCommit(it) => About::Word(it.body().view),
        _ => About::Else,
    }
}

/// The view that the record says was entered.
fn entered(record: &Record<Prime>) -> Option<View> {
    match record {
        Record::Promise(Body::RbInit(it)) => Some(it.view),
        Record::Promise(Body::InstallCertificate(it)) => Some(view_of(it)),
        _ => None,
    }
}

fn committed(record: &Record<Prime>) -> Option<View> {
    match record {
        Record::Promise(Body::ReplayCommit(it)) => Some(it.view),
        _ => None,
    }
}

fn view_of(install: &InstallCertificate) -> View {
    install.replay.body.constraint.view
}

fn install(record: &Record<Prime>) -> Option<&InstallCertificate> {
    match record {
        Record::Promise(Body::InstallCertificate(it)) => Some(it),
        _ => None,
    }
}

/// Whether nothing that `install` replayed is above `seq`.
fn executed(seq: Seq, install: &InstallCertificate) -> bool {
    install.resolution.start_seq().0 <= seq.0.saturating_add(1)
}

/// The places of the install certificates that stay.
fn useful_installs(seq: Seq, records: &[Record<Prime>]) -> BTreeSet<usize> {
    let highest =
        records.iter().filter_map(install).filter(|it| executed(seq, it)).map(view_of).max();
    // From the last to the first: one with the same or a lower base takes the place of those before.
    let mut lowest_base = None;
    let mut places = BTreeSet::new();
    for (place, it) in records.iter().enumerate().rev().filter_map(|(place, record)| {
        install(record).map(|it| (place, it))
    }) {
        let base = it.resolution.base;
        let superseded = lowest_base.is_some_and(|low| low <= base);
        if !superseded && Some(view_of(it)) >= highest {
            places.insert(place);
        }
        lowest_base = Some(lowest_base.map_or(base, |low: Seq| low.min(base)));
    }
    places
}

/// The resolutions that are of use beside the install certificates.
fn needed(
    seq: Seq,
    records: &[Record<Prime>],
    installs: &BTreeSet<usize>,
    committed: Option<View>,
) -> BTreeSet<Digest> {
    let by_certificate = records.iter().filter_map(|record| {
        let constraint = match record {
            Record::Promise(Body::Replay(it)) => &it.constraint,
            Record::Held(Incoming::Replay(it)) => &it.body().constraint,
            _ => return None,
        };
        (Some(constraint.view) == committed).then_some(constraint.resolution)
    });
    let by_install = installs
        .iter()
        .filter_map(|place| records.get(*place).and_then(install))
        .filter(|it| !executed(seq, it))
        .map(|it| it.replay.body.constraint.resolution);
    by_certificate.chain(by_install).collect()
}
