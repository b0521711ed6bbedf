//! What view changes left in the log and nobody needs any more.

use std::collections::{BTreeMap, BTreeSet};
use wire::prime::{Body, Incoming, InstallCertificate, Payload, Prime, RbInit};
use wire::{Digest, Record, Seq, View};

/// What bounds the usefulness of a record.
struct Limits {
    /// The highest view for which a Replay-Commit was promised.
    voted: View,
    /// The highest view entered.
    entered: View,
    /// The highest view with a promised certificate that begins at or below the number asked for.
    begun: View,
    /// The place of the first promised RbInit of `voted`; the number of records if there is none.
    opening: usize,
}

/// The view that `certificate` installs.
fn installs(certificate: &InstallCertificate) -> View {
    certificate.replay.body.constraint.view
}

/// Reads the limits off the records: one pass for the views, one for the first RbInit.
fn limits(seq: Seq, records: &[Record<Prime>]) -> Limits {
    let next = Seq(seq.0.saturating_add(1));
    let mut voted = View(0);
    let mut entered = View(0);
    let mut begun = View(0);
    for record in records {
        let Record::Promise(body) = record else {
            continue;
        };
        match body {
            Body::ReplayCommit(vote) if vote.view > voted => voted = vote.view,
            Body::RbInit(init) if init.view > entered => entered = init.view,
            Body::InstallCertificate(certificate) => {
                let view = installs(certificate);
                if view > entered {
                    entered = view;
                }
                if view > begun && certificate.replay.body.constraint.start_seq <= next {
                    begun = view;
                }
            }
            _ => {}
        }
    }
    if voted > entered {
        entered = voted;
    }

    let mut opening = 0usize;
    for record in records {
        if let Record::Promise(Body::RbInit(init)) = record {
            if init.view == voted {
                break;
            }
        }
        opening += 1;
    }
    Limits { voted, entered, begun, opening }
}

/// Rule 1: whether the record at `place` is about a change that is over, and not of those that the
/// Replay certificate is made of.
fn over(limits: &Limits, place: usize, record: &Record<Prime>) -> bool {
    let (view, needed) = match record {
        Record::Promise(body) => match body {
            Body::RbInit(init) => (init.view, place == limits.opening),
            Body::RbEcho(echo) => (echo.view, false),
            Body::RbReady(ready) => (ready.view, false),
            Body::VcList(list) => (list.view, false),
            Body::Replay(replay) => (replay.constraint.view, false),
            Body::ReplayPrepare(vote) => (vote.view, false),
            Body::ReplayCommit(vote) => (vote.view, vote.view == limits.voted),
            _ => return false,
        },
        Record::Held(incoming) => match incoming {
            Incoming::RbInit(init) => (init.body().view, false),
            Incoming::Replay(replay) => {
                let view = replay.body().constraint.view;
                (view, view == limits.voted)
            }
            Incoming::ReplayPrepare(vote) => {
                let view = vote.body().view;
                (view, view >= limits.voted)
            }
            _ => return false,
        },
    };
    view < limits.entered && !needed
}

/// The view of a Pre-Prepare that is promised or held as such.
fn proposed(record: &Record<Prime>) -> Option<View> {
    match record {
        Record::Promise(Body::PrePrepare(proposal)) => Some(proposal.view),
        Record::Held(Incoming::PrePrepare(proposal)) => Some(proposal.body().view),
        _ => None,
    }
}

/// The R that the Replay certificate in a Report names.
fn reported(init: &RbInit) -> Option<Digest> {
    match &init.payload {
        Payload::Report(report) => match &report.replay {
            Some(certificate) => Some(certificate.replay.body.constraint.resolution),
            None => None,
        },
        Payload::Entry(_) => None,
    }
}

/// The R that `record`, if it is needed, keeps the resolution of.
fn named(record: &Record<Prime>) -> Option<Digest> {
    match record {
        Record::Promise(body) => match body {
            Body::InstallCertificate(certificate) => {
                Some(certificate.replay.body.constraint.resolution)
            }
            Body::Replay(replay) => Some(replay.constraint.resolution),
            _ => None,
        },
        Record::Held(incoming) => match incoming {
            Incoming::Replay(replay) => Some(replay.body().constraint.resolution),
            Incoming::RbInit(init) => reported(init.body()),
            _ => None,
        },
    }
}

/// Finds the records of view changes that are of no more use, one answer for each record.
pub fn outdated(seq: Seq, records: &[Record<Prime>]) -> Vec<bool> {
    let limits = limits(seq, records);
    let mut answers = vec![false; records.len()];

    // Rules 1 to 3, from the end: what is further on was seen already.
    let mut installed_later: BTreeSet<Digest> = BTreeSet::new();
    let mut proposed_later: BTreeSet<View> = BTreeSet::new();
    let mut last_proposed: Option<View> = None;
    let mut elected_later = false;
    let mut names: BTreeSet<Digest> = BTreeSet::new();
    let mut place = records.len();
    while place > 0 {
        place -= 1;
        let (Some(record), Some(answer)) = (records.get(place), answers.get_mut(place)) else {
            break;
        };
        let useless = match record {
            Record::Promise(Body::InstallCertificate(certificate)) => {
                let view = installs(certificate);
                let resolution = certificate.replay.body.constraint.resolution;
                let again = !installed_later.insert(resolution);
                view < limits.begun || (again && !proposed_later.contains(&view))
            }
            Record::Promise(Body::NewLeaderProof(_)) => {
                let later = elected_later;
                elected_later = true;
                later
            }
            _ => over(&limits, place, record),
        };
        let view = proposed(record);
        if view.is_some() && view != last_proposed {
            last_proposed = view;
            if let Some(view) = view {
                proposed_later.insert(view);
            }
        }
        if useless {
            *answer = true;
        } else if let Some(resolution) = named(record) {
            names.insert(resolution);
        }
    }

    // Rule 4, from the beginning: in which stretch between two barriers a resolution stood last.
    let mut stretch = 0u64;
    let mut stood: BTreeMap<Digest, u64> = BTreeMap::new();
    let mut place = 0usize;
    for record in records {
        let Some(answer) = answers.get_mut(place) else {
            break;
        };
        place += 1;
        match record {
            Record::Promise(Body::RbInit(_) | Body::InstallCertificate(_)) => {
                if !*answer {
                    stretch += 1;
                }
            }
            Record::Promise(Body::ResolutionAnswer(said)) => {
                let resolution = said.resolution.digest();
                *answer = !names.contains(&resolution)
                    || stood.insert(resolution, stretch) == Some(stretch);
            }
            _ => {}
        }
    }
    answers
}
