//! What `checkpoint.outdated` must answer.

use crate::Finding;
use std::collections::BTreeSet;
use wire::prime::{Body, Incoming, InstallCertificate, Prime};
use wire::{Digest, Record, Seq, View};

/// Which records of view changes a log needs no more.
///
/// # Errors
/// The first record about which the answer is not what the contract calls for.
pub fn check(seq: Seq, records: &[Record<Prime>], got: &[bool]) -> Result<(), Finding> {
    crate::answer("checkpoint.outdated: one answer for each record", &records.len(), &got.len())?;
    let [first, other] = readings(seq, records);
    conforms(&first, got).or_else(|finding| conforms(&other, got).map_err(|_| finding))
}

fn conforms(said: &[Said], got: &[bool]) -> Result<(), Finding> {
    for ((place, said), got) in said.iter().enumerate().zip(got) {
        if let Some((dispensable, sentence)) = said.verdict {
            let rule = format!("checkpoint.outdated: {sentence} [record {place}]");
            crate::answer(&rule, &dispensable, got)?;
        }
    }
    Ok(())
}

/// A view's numbers begin with its own, or with those that it replays: the contract can be read
/// either way.
pub(super) fn readings(seq: Seq, records: &[Record<Prime>]) -> [Vec<Said>; 2] {
    let own = |install: &InstallCertificate| install.replay.body.constraint.start_seq;
    let replayed = |install: &InstallCertificate| install.replay.body.constraint.base.next();
    [outdated(seq, records, own), outdated(seq, records, replayed)]
}

/// What the contract says of one record; nothing where it can be read either way.
#[derive(Clone, Copy)]
pub(super) struct Said {
    verdict: Option<(bool, &'static str)>,
}

const OPEN: Said = Said { verdict: None };

impl Said {
    const fn so(dispensable: bool, sentence: &'static str) -> Self {
        Self { verdict: Some((dispensable, sentence)) }
    }

    /// Whether the log may do without it and whether it may keep it.
    pub(super) fn allows(self, dispensable: bool) -> bool {
        self.verdict.is_none_or(|(wanted, _)| wanted == dispensable)
    }
}

/// The views by which the contract tells what is over.
struct Log<'a> {
    records: &'a [Record<Prime>],
    /// The highest view entered.
    entered: View,
    /// The highest view for which a Replay-Commit was promised.
    committed: Option<View>,
    /// To which what is above the state belongs, or to a later one.
    begun: View,
}

/// Of a promised certificate.
fn view_of(install: &InstallCertificate) -> View {
    install.replay.body.constraint.view
}

fn install(record: &Record<Prime>) -> Option<&InstallCertificate> {
    match record {
        Record::Promise(Body::InstallCertificate(install)) => Some(install),
        _ => None,
    }
}

/// The view to whose change a record belongs, of those kinds that are named.
fn change(record: &Record<Prime>) -> Option<View> {
    match record {
        Record::Promise(body) => match body {
            Body::RbInit(it) => Some(it.view),
            Body::RbEcho(it) => Some(it.view),
            Body::RbReady(it) => Some(it.view),
            Body::VcList(it) => Some(it.view),
            Body::Replay(it) => Some(it.constraint.view),
            Body::ReplayPrepare(it) => Some(it.view),
            Body::ReplayCommit(it) => Some(it.view),
            _ => None,
        },
        Record::Held(message) => match message {
            Incoming::RbInit(it) => Some(it.body().view),
            Incoming::RbEcho(it) => Some(it.body().view),
            Incoming::RbReady(it) => Some(it.body().view),
            Incoming::VcList(it) => Some(it.body().view),
            Incoming::Replay(it) => Some(it.body().constraint.view),
            Incoming::ReplayPrepare(it) => Some(it.body().view),
            Incoming::ReplayCommit(it) => Some(it.body().view),
            _ => None,
        },
    }
}

/// What belongs to a change too, but is not named, and in no log.
fn unnamed(record: &Record<Prime>) -> bool {
    match record {
        Record::Promise(body) => matches!(
            body,
            Body::RbRequest(_)
                | Body::VcPartialSig(_)
                | Body::VcProof(_)
                | Body::ReplayConflict(_)
                | Body::ResolutionRequest(_)
                | Body::ProposalRequest(_)
        ),
        Record::Held(message) => matches!(
            message,
            Incoming::RbRequest(_)
                | Incoming::VcPartialSig(_)
                | Incoming::VcProof(_)
                | Incoming::ReplayConflict(_)
                | Incoming::ResolutionRequest(_)
                | Incoming::ProposalRequest(_)
        ),
    }
}

/// What the contract says of each record.
fn outdated(
    seq: Seq,
    records: &[Record<Prime>],
    begins: impl Fn(&InstallCertificate) -> Seq,
) -> Vec<Said> {
    let entered = records.iter().filter_map(|record| match record {
        Record::Promise(Body::RbInit(init)) => Some(init.view),
        _ => install(record).map(view_of),
    });
    let committed = records.iter().filter_map(|record| match record {
        Record::Promise(Body::ReplayCommit(vote)) => Some(vote.view),
        _ => None,
    });
    let installs = records.iter().filter_map(install);
    let begun = installs.filter(|&it| begins(it) <= seq.next());
    let log = Log {
        records,
        entered: entered.max().unwrap_or_default(),
        committed: committed.max(),
        begun: begun.map(view_of).max().unwrap_or_default(),
    };
    let mut said: Vec<Said> = (0..records.len()).map(|place| log.alone(place)).collect();
    for place in 0..records.len() {
        if let Some(digest) = resolution(&records[place]) {
            said[place] = log.of_resolution(place, digest, &said);
        }
    }
    said
}

/// Which resolution a record holds.
fn resolution(record: &Record<Prime>) -> Option<Digest> {
    match record {
        Record::Promise(Body::ResolutionAnswer(answer)) => Some(answer.resolution.digest()),
        _ => None,
    }
}

/// Which resolution a Replay or an Install-Certificate names.
fn names(record: &Record<Prime>) -> Option<Digest> {
    match record {
        Record::Promise(Body::Replay(replay)) => Some(replay.constraint.resolution),
        Record::Held(Incoming::Replay(replay)) => Some(replay.body().constraint.resolution),
        _ => install(record).map(|install| install.replay.body.constraint.resolution),
    }
}

impl Log<'_> {
    /// Of a record that is no resolution.
    fn alone(&self, place: usize) -> Said {
        let record = &self.records[place];
        if let Some(install) = install(record) {
            return self.of_install(place, install);
        }
        if let Some(view) = change(record) {
            // No server votes in a view that it did not enter.
            if self.committed > Some(self.entered) {
                return OPEN;
            }
            if view >= self.entered {
                return Said::so(false, "it needs what was said in the change under way");
            }
            return match self.part_of_certificate(place, view) {
                None => OPEN,
                Some(true) => Said::so(false, "it needs the Replay certificate of v"),
                Some(false) => Said::so(true, "not what was said in a change to a view below c"),
            };
        }
        if let Record::Promise(Body::NewLeaderProof(_)) = record {
            let later = &self.records[place + 1..];
            let proof = |it: &Record<Prime>| matches!(it, Record::Promise(Body::NewLeaderProof(_)));
            return Said::so(later.iter().any(proof), "of New-Leader-Proofs the last alone");
        }
        if unnamed(record) { OPEN } else { Said::so(false, "it needs everything else") }
    }

    /// Whether a record of the change to `view` is what the Replay certificate of v is made of.
    fn part_of_certificate(&self, place: usize, view: View) -> Option<bool> {
        let earlier = &self.records[..place];
        match &self.records[place] {
            // Without such a view all are of a later one, or there is nothing to keep.
            Record::Held(Incoming::ReplayPrepare(_)) => self.committed.map(|v| view >= v),
            Record::Promise(Body::RbInit(_)) => {
                let same = |it: &Record<Prime>| matches!(it, Record::Promise(Body::RbInit(init)) if init.view == view);
                Some(Some(view) == self.committed && !earlier.iter().any(same))
            }
            Record::Held(Incoming::Replay(_)) | Record::Promise(Body::ReplayCommit(_)) => {
                Some(Some(view) == self.committed)
            }
            _ => Some(false),
        }
    }

    fn of_install(&self, place: usize, install: &InstallCertificate) -> Said {
        let view = view_of(install);
        if view < self.begun {
            return Said::so(true, "not Install-Certificates of views below b");
        }
        let proposed = self.records.iter().any(|record| match record {
            Record::Promise(Body::PrePrepare(proposal)) => proposal.view == view,
            Record::Held(Incoming::PrePrepare(proposal)) => proposal.body().view == view,
            _ => false,
        });
        let digest = install.replay.body.constraint.resolution;
        let alike = |record: &Record<Prime>| {
            self::install(record).filter(|_| names(record) == Some(digest)).map(view_of)
        };
        let of_later =
            |records: &[Record<Prime>]| records.iter().filter_map(alike).any(|other| other > view);
        let after = self.records[place + 1..].iter().filter_map(alike).next().is_some();
        match (proposed, of_later(self.records), after) {
            (false, true, true) => Said::so(true, "not those that a later one stands for"),
            (false, one, other) if one != other => OPEN,
            _ => Said::so(false, "it needs the Install-Certificates of b and later views"),
        }
    }

    /// Of a promised resolution, once the rest is decided.
    fn of_resolution(&self, place: usize, digest: Digest, said: &[Said]) -> Said {
        let naming = self.records.iter().zip(said).filter(|(it, _)| names(it) == Some(digest));
        let allowed: BTreeSet<bool> = naming
            .flat_map(|(_, said)| [false, true].into_iter().filter(|&it| said.allows(it)))
            .collect();
        let surely = self
            .records
            .iter()
            .zip(said)
            .any(|(it, said)| names(it) == Some(digest) && !said.allows(true));
        let (perhaps, fresh) = self.is_fresh(place, digest, said);
        match (perhaps && allowed.contains(&false), fresh && surely) {
            (_, true) => Said::so(false, "it needs resolutions that something needed names"),
            (true, false) => OPEN,
            (false, false) if perhaps => {
                Said::so(true, "not resolutions that nothing needed names")
            }
            (false, false) => Said::so(true, "of equal resolutions the first alone"),
        }
    }

    /// Whether a restart does not know the resolution at `place` from an earlier record: perhaps, and
    /// surely.
    fn is_fresh(&self, place: usize, digest: Digest, said: &[Said]) -> (bool, bool) {
        let earlier = self.records[..place].iter();
        let Some(last) = earlier.rev().position(|it| resolution(it) == Some(digest)) else {
            return (true, true);
        };
        let begins = |record: &Record<Prime>| {
            matches!(record, Record::Promise(Body::RbInit(_) | Body::InstallCertificate(_)))
        };
        let between = (place - last..place).filter(|&at| begins(&self.records[at]));
        let between: Vec<Said> = between.map(|at| said[at]).collect();
        let perhaps = between.iter().any(|it| it.allows(false));
        (perhaps, between.iter().any(|it| !it.allows(true)))
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::checkpoint::kit::{sign, trips};
    use crate::order::kit::proposal_of;
    use crate::pre_order::kit::matrix;
    use wire::prime::{
        Body, Constraint, Incoming, InstallCertificate, NewLeaderProof, Payload, Prime, RbEcho,
        RbInit, Replay, ReplayCommit, ReplayPrepare, Report, Resolution, ResolutionAnswer, VcList,
    };
    use wire::{Digest, List, Record, ReplicaId, Seq, View};

    fn promised(body: impl Into<Body>) -> Record<Prime> {
        Record::Promise(body.into())
    }

    fn held(message: impl Into<Incoming>) -> Record<Prime> {
        Record::Held(message.into())
    }

    fn entered(view: u64, seq: u32) -> Record<Prime> {
        let report = Report { executed: Seq(0), count: 0, replay: None };
        promised(RbInit { view: View(view), seq, payload: Payload::Report(report) })
    }

    fn echoed(view: u64) -> Record<Prime> {
        let (originator, digest) = (ReplicaId(2), Digest::default());
        promised(RbEcho { originator, view: View(view), seq: 0, digest })
    }

    /// Nothing is bound above `base`.
    fn resolved(base: u64) -> Resolution {
        Resolution { base: Seq(base), entries: List::empty() }
    }

    fn replay(view: u64, base: u64) -> Replay {
        let resolution = resolved(base);
        let constraint = Constraint {
            view: View(view),
            ids: List::empty(),
            base: resolution.base,
            start_seq: resolution.start_seq(),
            resolution: resolution.digest(),
        };
        Replay { constraint, proof: wire::prime::Proof::Certificate(List::empty()) }
    }

    fn installed(view: u64, base: u64) -> Record<Prime> {
        promised(InstallCertificate {
            replay: sign(2, replay(view, base)).signed().clone(),
            commits: List::empty(),
            resolution: resolved(base),
        })
    }

    fn answered(base: u64) -> Record<Prime> {
        promised(ResolutionAnswer { resolution: resolved(base) })
    }

    fn voted(view: u64) -> Record<Prime> {
        promised(ReplayCommit { view: View(view), digest: Digest::default() })
    }

    fn prepared(view: u64) -> Record<Prime> {
        held(sign(3, ReplayPrepare { view: View(view), digest: Digest::default() }))
    }

    /// Each record with whether the log can do without it, after number 20.
    fn is(log: &[(Record<Prime>, bool)]) {
        let (records, right): (Vec<_>, Vec<_>) = log.iter().cloned().unzip();
        assert_eq!(check(Seq(20), &records, &right), Ok(()));
        for place in 0..right.len() {
            let mut wrong = right.clone();
            wrong[place] = !right[place];
            trips(check(Seq(20), &records, &wrong), &format!("[record {place}]"));
        }
        trips(check(Seq(20), &records, &right[1..]), "one answer for each");
    }

    #[test]
    fn of_changes_that_are_over_the_replay_certificate_stays() {
        let list = VcList { view: View(4), ids: List::empty() };
        is(&[
            (entered(2, 0), true),
            (voted(2), true),
            (prepared(2), true),
            (entered(3, 0), false),
            (entered(3, 1), true),
            (echoed(3), true),
            (held(sign(4, replay(3, 9))), false),
            (prepared(3), false),
            (promised(ReplayPrepare { view: View(3), digest: Digest::default() }), true),
            (voted(3), false),
            (held(sign(3, ReplayCommit { view: View(3), digest: Digest::default() })), true),
            (entered(4, 0), true),
            (held(sign(4, replay(4, 9))), true),
            (prepared(4), false),
            (promised(list.clone()), true),
            (entered(5, 0), false),
            (echoed(5), false),
            (promised(VcList { view: View(5), ..list }), false),
        ]);
    }

    #[test]
    fn of_installed_views_those_stay_whose_numbers_are_above_the_state() {
        let proposed = |view, seq| held(proposal_of(view, seq, matrix(&[&[], &[], &[], &[]])));
        is(&[
            (installed(1, 5), true),
            (installed(2, 20), false),
            (proposed(2, 21), false),
            (installed(3, 21), true),
            (installed(4, 21), false),
            (proposed(4, 22), false),
            (installed(5, 21), false),
        ]);
    }

    #[test]
    fn of_resolutions_those_stay_that_something_needed_names_once_for_each_beginning() {
        is(&[
            (answered(5), true),
            (answered(19), false),
            (answered(30), false),
            (installed(1, 5), true),
            (answered(19), true),
            (installed(2, 19), false),
            (answered(19), false),
            (entered(3, 0), false),
            (held(sign(4, replay(3, 30))), false),
            (answered(30), false),
            (answered(30), true),
            (answered(5), true),
        ]);
    }

    #[test]
    fn the_last_proof_of_a_leader_stays_and_so_does_everything_else() {
        let elected = || promised(NewLeaderProof { votes: List::empty() });
        is(&[
            (elected(), true),
            (held(crate::checkpoint::kit::vote(2, 1)), false),
            (elected(), false),
            (promised(crate::checkpoint::kit::piece(1, 0)), false),
        ]);
    }
}
