//! What a log can do without of view changes.

use std::collections::BTreeSet;

use wire::prime::{Body, Constraint, Incoming, Payload, Prime, RbInit};
use wire::{Digest, Record, Seq, View};

/// What a record is to a view change.
enum About<'a> {
    /// A promised RbInit.
    Entry(View),
    /// A Replay: its constraint, and whether it is held.
    Replay(&'a Constraint, bool),
    /// A held Replay-Prepare.
    Vote(View),
    /// A promised Replay-Commit.
    Commit(View),
    /// A held RbInit.
    Told(View, Option<&'a Constraint>),
    /// Something else that was said during a change.
    Word(View),
    /// A promised Install-Certificate.
    Install(&'a Constraint),
    /// A promised New-Leader-Proof.
    Election,
    /// A promised ResolutionAnswer.
    Resolution(Digest),
    /// A Pre-Prepare.
    Proposal(View),
    Else,
}

/// The views by which the records are judged.
struct Views {
    /// The highest for which a Replay-Commit was promised.
    committed: View,
    /// The highest that was entered.
    entered: View,
    /// The highest installed of which nothing that was replayed is above the state.
    based: View,
}

/// For each record, whether a log that begins with the state after `seq` can do without it.
pub fn outdated(seq: Seq, records: &[Record<Prime>]) -> Vec<bool> {
    let table: Vec<About<'_>> = records.iter().map(about).collect();
    let views = views(seq, &table);
    let mut old = vec![false; table.len()];
    for rule in [past, rebound, elected_before] {
        for place in rule(&table, &views) {
            if let Some(old) = old.get_mut(place) {
                *old = true;
            }
        }
    }
    let needless = unnamed(&table, &old);
    for place in needless {
        if let Some(old) = old.get_mut(place) {
            *old = true;
        }
    }
    old
}

fn about(record: &Record<Prime>) -> About<'_> {
    match record {
        Record::Promise(body) => promised(body),
        Record::Held(message) => held(message),
    }
}

fn promised(body: &Body) -> About<'_> {
    match body {
        Body::RbInit(it) => About::Entry(it.view),
        Body::RbEcho(it) => About::Word(it.view),
        Body::RbReady(it) => About::Word(it.view),
        Body::VcList(it) => About::Word(it.view),
        Body::Replay(it) => About::Replay(&it.constraint, false),
        Body::ReplayPrepare(it) => About::Word(it.view),
        Body::ReplayCommit(it) => About::Commit(it.view),
        Body::InstallCertificate(it) => About::Install(&it.replay.body.constraint),
        Body::NewLeaderProof(_) => About::Election,
        Body::ResolutionAnswer(it) => About::Resolution(it.resolution.digest()),
        Body::PrePrepare(it) => About::Proposal(it.view),
        _ => About::Else,
    }
}

fn held(message: &Incoming) -> About<'_> {
    match message {
        Incoming::RbInit(it) => About::Told(it.body().view, reported(it.body())),
        Incoming::Replay(it) => About::Replay(&it.body().constraint, true),
        Incoming::ReplayPrepare(it) => About::Vote(it.body().view),
        Incoming::PrePrepare(it) => About::Proposal(it.body().view),
        _ => About::Else,
    }
}

/// The constraint of a Report's Replay certificate.
fn reported(init: &RbInit) -> Option<&Constraint> {
    match &init.payload {
        Payload::Report(report) => report.replay.as_ref().map(|it| &it.replay.body.constraint),
        Payload::Entry(_) => None,
    }
}

fn views(seq: Seq, table: &[About<'_>]) -> Views {
    let next = Seq(seq.0.saturating_add(1));
    let mut views = Views { committed: View(0), entered: View(0), based: View(0) };
    for about in table {
        match about {
            About::Entry(view) => views.entered = views.entered.max(*view),
            About::Commit(view) => views.committed = views.committed.max(*view),
            About::Install(it) => {
                views.entered = views.entered.max(it.view);
                if it.start_seq <= next {
                    views.based = views.based.max(it.view);
                }
            }
            _ => {}
        }
    }
    views.entered = views.entered.max(views.committed);
    views
}

/// The first rule: what was said or held in changes that are over, but for what the Replay certificate
/// of the view committed last is made of.
fn past(table: &[About<'_>], views: &Views) -> Vec<usize> {
    let Views { committed, entered, .. } = *views;
    let opening = table
        .iter()
        .position(|about| matches!(about, About::Entry(view) if *view == committed));
    let is_past = |place: usize, about: &About<'_>| match about {
        About::Entry(view) => *view < entered && opening != Some(place),
        About::Replay(it, held) => it.view < entered && !(*held && it.view == committed),
        About::Vote(view) => *view < entered && *view < committed,
        About::Commit(view) => *view < entered && *view != committed,
        About::Told(view, _) | About::Word(view) => *view < entered,
        _ => false,
    };
    table
        .iter()
        .enumerate()
        .filter(|(place, about)| is_past(*place, about))
        .map(|(place, _)| place)
        .collect()
}

/// The second rule: install certificates of views before the base, and those that a later one repeats
/// before anything was proposed in their view.
fn rebound(table: &[About<'_>], views: &Views) -> Vec<usize> {
    let mut named: BTreeSet<Digest> = BTreeSet::new();
    let mut proposed: BTreeSet<View> = BTreeSet::new();
    let mut places = Vec::new();
    for (place, about) in table.iter().enumerate().rev() {
        match about {
            About::Proposal(view) => {
                proposed.insert(*view);
            }
            About::Install(it) => {
                let repeated = !named.insert(it.resolution) && !proposed.contains(&it.view);
                if it.view < views.based || repeated {
                    places.push(place);
                }
            }
            _ => {}
        }
    }
    places
}

/// The third rule: all elections but the last.
fn elected_before(table: &[About<'_>], _views: &Views) -> Vec<usize> {
    let mut places: Vec<usize> = table
        .iter()
        .enumerate()
        .filter(|(_, about)| matches!(about, About::Election))
        .map(|(place, _)| place)
        .collect();
    places.pop();
    places
}

/// The fourth rule, by what the others left: resolutions that nothing names, and those said again before
/// a restart would have forgotten them.
fn unnamed(table: &[About<'_>], old: &[bool]) -> Vec<usize> {
    let left = || table.iter().zip(old).enumerate().filter(|(_, (_, old))| !**old);
    let names: BTreeSet<Digest> = left()
        .filter_map(|(_, (about, _))| match about {
            About::Install(it) | About::Replay(it, _) | About::Told(_, Some(it)) => {
                Some(it.resolution)
            }
            _ => None,
        })
        .collect();
    let mut said: BTreeSet<Digest> = BTreeSet::new();
    let mut places = Vec::new();
    for (place, (about, _)) in left() {
        match about {
            About::Entry(_) | About::Install(_) => said.clear(),
            About::Resolution(digest) if !names.contains(digest) || !said.insert(*digest) => {
                places.push(place);
            }
            _ => {}
        }
    }
    places
}
