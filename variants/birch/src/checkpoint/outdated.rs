//! `checkpoint.outdated`: what view changes leave behind in the log.

use wire::prime::{Body, Incoming, Payload, Prime, RbInit};
use wire::{Digest, Record, Seq, View};

/// The highest of some views; 0 without any.
fn highest(views: impl Iterator<Item = View>) -> View {
    views.max().unwrap_or_default()
}

/// The view of a promised Replay-Commit.
fn committed(record: &Record<Prime>) -> Option<View> {
    match record {
        Record::Promise(Body::ReplayCommit(vote)) => Some(vote.view),
        _ => None,
    }
}

/// The view of a promised RbInit.
fn began(record: &Record<Prime>) -> Option<View> {
    match record {
        Record::Promise(Body::RbInit(init)) => Some(init.view),
        _ => None,
    }
}

/// View, R and `start_seq` of a promised Install-Certificate.
fn installed(record: &Record<Prime>) -> Option<(View, Digest, Seq)> {
    match record {
        Record::Promise(Body::InstallCertificate(install)) => {
            let constraint = &install.replay.body.constraint;
            Some((constraint.view, constraint.resolution, constraint.start_seq))
        }
        _ => None,
    }
}

/// The view of a Pre-Prepare, promised or held.
fn proposed(record: &Record<Prime>) -> Option<View> {
    match record {
        Record::Promise(Body::PrePrepare(proposal)) => Some(proposal.view),
        Record::Held(Incoming::PrePrepare(proposal)) => Some(proposal.body().view),
        _ => None,
    }
}

/// The R of a promised ResolutionAnswer.
fn resolution(record: &Record<Prime>) -> Option<Digest> {
    match record {
        Record::Promise(Body::ResolutionAnswer(answer)) => Some(answer.resolution.digest()),
        _ => None,
    }
}

/// The change that a record belongs to.
fn change(record: &Record<Prime>) -> Option<View> {
    match record {
        Record::Promise(body) => match body {
            Body::RbInit(init) => Some(init.view),
            Body::RbEcho(echo) => Some(echo.view),
            Body::RbReady(ready) => Some(ready.view),
            Body::VcList(list) => Some(list.view),
            Body::Replay(replay) => Some(replay.constraint.view),
            Body::ReplayPrepare(vote) => Some(vote.view),
            Body::ReplayCommit(vote) => Some(vote.view),
            _ => None,
        },
        Record::Held(message) => match message {
            Incoming::RbInit(init) => Some(init.body().view),
            Incoming::Replay(replay) => Some(replay.body().constraint.view),
            Incoming::ReplayPrepare(vote) => Some(vote.body().view),
            _ => None,
        },
    }
}

/// Whether the Replay certificate of `v` rests on the record; `first`: it is the first promised
/// RbInit of `v`.
fn of_certificate(record: &Record<Prime>, v: View, first: bool) -> bool {
    match record {
        Record::Promise(Body::RbInit(_)) => first,
        Record::Promise(Body::ReplayCommit(vote)) => vote.view == v,
        Record::Held(Incoming::Replay(replay)) => replay.body().constraint.view == v,
        Record::Held(Incoming::ReplayPrepare(vote)) => vote.body().view >= v,
        _ => false,
    }
}

/// The R that a Report's certificate names.
fn reported(init: &RbInit) -> Option<Digest> {
    match &init.payload {
        Payload::Report(report) => {
            report.replay.as_ref().map(|chosen| chosen.replay.body.constraint.resolution)
        }
        Payload::Entry(_) => None,
    }
}

/// The R that a record keeps in use.
fn names(record: &Record<Prime>) -> Option<Digest> {
    match record {
        Record::Promise(Body::InstallCertificate(install)) => {
            Some(install.replay.body.constraint.resolution)
        }
        Record::Promise(Body::Replay(replay)) => Some(replay.constraint.resolution),
        Record::Held(Incoming::Replay(replay)) => Some(replay.body().constraint.resolution),
        Record::Held(Incoming::RbInit(init)) => reported(init.body()),
        _ => None,
    }
}

/// What some records say, each with its place, sorted.
fn sorted<K: Ord>(
    records: &[Record<Prime>],
    key: impl Fn(&Record<Prime>) -> Option<K>,
) -> Vec<(K, usize)> {
    let mut keys: Vec<(K, usize)> = records
        .iter()
        .enumerate()
        .filter_map(|(place, record)| key(record).map(|key| (key, place)))
        .collect();
    keys.sort_unstable();
    keys
}

/// Whether `key` stands in `keys` with a place above `place`.
fn further_on<K: Ord + Copy>(keys: &[(K, usize)], key: K, place: usize) -> bool {
    keys.get(keys.partition_point(|entry| *entry <= (key, place)))
        .is_some_and(|(next, _)| *next == key)
}

/// Rules 1 to 3.
fn first_rules(seq: Seq, records: &[Record<Prime>]) -> Vec<bool> {
    let v = highest(records.iter().filter_map(committed));
    let c = v
        .max(highest(records.iter().filter_map(began)))
        .max(highest(records.iter().filter_map(installed).map(|(view, ..)| view)));
    let b = highest(
        records
            .iter()
            .filter_map(installed)
            .filter(|(_, _, start)| *start <= seq.next())
            .map(|(view, ..)| view),
    );
    let first = records.iter().position(|record| began(record) == Some(v));
    let installs = sorted(records, |record| installed(record).map(|(_, named, _)| named));
    let proposals = sorted(records, proposed);
    let is_election =
        |record: &Record<Prime>| matches!(record, Record::Promise(Body::NewLeaderProof(_)));
    let election = records.iter().rposition(is_election);
    let over = |place: usize, record: &Record<Prime>| {
        change(record).is_some_and(|view| view < c)
            && !of_certificate(record, v, first == Some(place))
    };
    let replaced = |place: usize, record: &Record<Prime>| {
        installed(record).is_some_and(|(view, named, _)| {
            view < b || (further_on(&installs, named, place) && !further_on(&proposals, view, place))
        })
    };
    records
        .iter()
        .enumerate()
        .map(|(place, record)| {
            over(place, record)
                || replaced(place, record)
                || (is_election(record) && election != Some(place))
        })
        .collect()
}

/// Places of the ResolutionAnswers that rule 4 does without, given what the others do without.
fn answers(records: &[Record<Prime>], outdated: &[bool]) -> Vec<usize> {
    let needed = || {
        records
            .iter()
            .zip(outdated)
            .map(|(record, outdated)| Some(record).filter(|_| !outdated))
    };
    let mut named: Vec<Digest> = needed().flatten().filter_map(names).collect();
    named.sort_unstable();
    named.dedup();
    let spans = needed().scan(0usize, |span, record| {
        let cuts = record.is_some_and(|kept| began(kept).or(installed(kept).map(|i| i.0)).is_some());
        *span += usize::from(cuts);
        Some(*span)
    });
    let mut held: Vec<(Digest, usize, usize)> = records
        .iter()
        .zip(spans)
        .enumerate()
        .filter_map(|(place, (record, span))| Some((resolution(record)?, span, place)))
        .collect();
    held.sort_unstable();
    let unnamed =
        held.iter().filter(|(r, ..)| named.binary_search(r).is_err()).map(|(.., place)| *place);
    let repeated = held
        .iter()
        .zip(held.iter().skip(1))
        .filter(|(one, next)| (one.0, one.1) == (next.0, next.1))
        .map(|(_, next)| next.2);
    let mut places: Vec<usize> = unnamed.chain(repeated).collect();
    places.sort_unstable();
    places
}

/// Which records the log can do without.
pub fn outdated(seq: Seq, records: &[Record<Prime>]) -> Vec<bool> {
    let before = first_rules(seq, records);
    answers(records, &before).into_iter().fold(before, |mut outdated, place| {
        outdated.iter_mut().skip(place).take(1).for_each(|needless| *needless = true);
        outdated
    })
}
