//! What `checkpoint.outdated` must answer.

use crate::Finding;
use wire::prime::{Body, Incoming, InstallCertificate, Payload, Prime};
use wire::{Digest, Record, Seq, View};

/// Which records of view changes a log needs no more.
///
/// # Errors
/// The first record about which the answer is not what the contract calls for.
pub fn check(seq: Seq, records: &[Record<Prime>], got: &[bool]) -> Result<(), Finding> {
    crate::answer("checkpoint.outdated: one answer for each record", &records.len(), &got.len())?;
    for ((place, said), got) in outdated(seq, records).iter().enumerate().zip(got) {
        let rule = format!("checkpoint.outdated: {} [record {place}]", said.sentence);
        crate::answer(&rule, &said.dispensable, got)?;
    }
    Ok(())
}

/// What the contract says of one record.
#[derive(Clone, Copy)]
pub(super) struct Said {
    /// Whether the log can do without it.
    pub(super) dispensable: bool,
    sentence: &'static str,
}

impl Said {
    const fn so(dispensable: bool, sentence: &'static str) -> Self {
        Self { dispensable, sentence }
    }
}

/// The views by which the contract tells what is over.
struct Log<'a> {
    records: &'a [Record<Prime>],
    /// The highest view entered.
    entered: View,
    /// The highest view for which a Replay-Commit was promised, 0 if none was.
    committed: View,
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

/// The view to whose change a record belongs, of those kinds that a log has.
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
            Incoming::Replay(it) => Some(it.body().constraint.view),
            Incoming::ReplayPrepare(it) => Some(it.body().view),
            _ => None,
        },
    }
}

/// What the contract says of each record.
pub(super) fn outdated(seq: Seq, records: &[Record<Prime>]) -> Vec<Said> {
    let committed = records.iter().filter_map(|record| match record {
        Record::Promise(Body::ReplayCommit(vote)) => Some(vote.view),
        _ => None,
    });
    let committed = committed.max().unwrap_or_default();
    let entered = records.iter().filter_map(|record| match record {
        Record::Promise(Body::RbInit(init)) => Some(init.view),
        _ => install(record).map(view_of),
    });
    let installs = records.iter().filter_map(install);
    let begun = installs.filter(|it| it.replay.body.constraint.start_seq <= seq.next());
    let log = Log {
        records,
        entered: entered.chain([committed]).max().unwrap_or_default(),
        committed,
        begun: begun.map(view_of).max().unwrap_or_default(),
    };
    let alone: Vec<Said> = (0..records.len()).map(|place| log.alone(place)).collect();
    let said = |place: usize| match resolution(&records[place]) {
        Some(digest) => log.of_resolution(place, digest, &alone),
        None => alone[place],
    };
    (0..records.len()).map(said).collect()
}

/// Which resolution a record holds.
fn resolution(record: &Record<Prime>) -> Option<Digest> {
    match record {
        Record::Promise(Body::ResolutionAnswer(answer)) => Some(answer.resolution.digest()),
        _ => None,
    }
}

/// Which resolution a Replay, an Install-Certificate or somebody's Report names.
fn names(record: &Record<Prime>) -> Option<Digest> {
    match record {
        Record::Promise(Body::Replay(replay)) => Some(replay.constraint.resolution),
        Record::Held(Incoming::Replay(replay)) => Some(replay.body().constraint.resolution),
        Record::Held(Incoming::RbInit(init)) => match &init.body().payload {
            Payload::Report(said) => Some(said.replay.as_ref()?.replay.body.constraint.resolution),
            Payload::Entry(_) => None,
        },
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
            return if view >= self.entered {
                Said::so(false, "it needs what was said in the change under way")
            } else if self.is_part_of_certificate(place, view) {
                Said::so(false, "it needs the Replay certificate of v")
            } else {
                Said::so(true, "not what was said in a change to a view below c")
            };
        }
        if let Record::Promise(Body::NewLeaderProof(_)) = record {
            let later = &self.records[place + 1..];
            let proof = |it: &Record<Prime>| matches!(it, Record::Promise(Body::NewLeaderProof(_)));
            return Said::so(later.iter().any(proof), "of New-Leader-Proofs the last alone");
        }
        Said::so(false, "it needs everything else")
    }

    /// Whether a record of the change to `view` is what the Replay certificate of v is made of.
    fn is_part_of_certificate(&self, place: usize, view: View) -> bool {
        let earlier = &self.records[..place];
        match &self.records[place] {
            Record::Held(Incoming::ReplayPrepare(_)) => view >= self.committed,
            Record::Promise(Body::RbInit(_)) => {
                let same = |it: &Record<Prime>| matches!(it, Record::Promise(Body::RbInit(init)) if init.view == view);
                view == self.committed && !earlier.iter().any(same)
            }
            Record::Held(Incoming::Replay(_)) | Record::Promise(Body::ReplayCommit(_)) => {
                view == self.committed
            }
            _ => false,
        }
    }

    fn of_install(&self, place: usize, install: &InstallCertificate) -> Said {
        let view = view_of(install);
        if view < self.begun {
            return Said::so(true, "not Install-Certificates of views below b");
        }
        let later = &self.records[place + 1..];
        let proposed = later.iter().any(|record| match record {
            Record::Promise(Body::PrePrepare(proposal)) => proposal.view == view,
            Record::Held(Incoming::PrePrepare(proposal)) => proposal.body().view == view,
            _ => false,
        });
        let digest = install.replay.body.constraint.resolution;
        let alike = |it: &Record<Prime>| self::install(it).is_some() && names(it) == Some(digest);
        if !proposed && later.iter().any(alike) {
            return Said::so(true, "not those that one further on stands for");
        }
        Said::so(false, "it needs the Install-Certificates of b and later views")
    }

    /// Of a promised resolution, once it is decided what of the rest is needed.
    fn of_resolution(&self, place: usize, digest: Digest, rest: &[Said]) -> Said {
        let needed =
            |(it, said): (&Record<Prime>, &Said)| names(it) == Some(digest) && !said.dispensable;
        if !self.records.iter().zip(rest).any(needed) {
            Said::so(true, "not resolutions that nothing needed names")
        } else if self.is_fresh(place, digest, rest) {
            Said::so(false, "it needs resolutions that something needed names")
        } else {
            Said::so(true, "of equal resolutions the first alone")
        }
    }

    /// Whether a restart does not know the resolution at `place` from an earlier record, or has forgotten
    /// it at one that begins a view.
    fn is_fresh(&self, place: usize, digest: Digest, rest: &[Said]) -> bool {
        let equal = self.records[..place].iter().rposition(|it| resolution(it) == Some(digest));
        let begins = |at: usize| {
            let record = &self.records[at];
            !rest[at].dispensable
                && matches!(record, Record::Promise(Body::RbInit(_) | Body::InstallCertificate(_)))
        };
        equal.is_none_or(|equal| (equal..place).any(begins))
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
        RbInit, Replay, ReplayCertificate, ReplayCommit, ReplayPrepare, Report, Resolution,
        ResolutionAnswer, VcList,
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
            // No log has these: who does not know them keeps them.
            (held(sign(3, ReplayCommit { view: View(3), digest: Digest::default() })), false),
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
        // What the state covers and 4 begins with is not what 3 begins with.
        is(&[(installed(3, 20), true), (installed(4, 20), false), (proposed(4, 21), false)]);
        // What was proposed before is of no account: the log is read in its order.
        is(&[(proposed(4, 22), false), (installed(4, 21), true), (installed(5, 21), false)]);
    }

    #[test]
    fn a_view_begins_with_its_own_numbers() {
        let bound =
            Resolution { base: Seq(18), entries: List::new(vec![None, None, None]).unwrap() };
        assert_eq!(bound.start_seq(), Seq(22));
        let Record::Promise(Body::InstallCertificate(mut install)) = installed(3, 18) else {
            unreachable!("a certificate was promised")
        };
        install.replay.body.constraint.start_seq = bound.start_seq();
        install.resolution = bound;
        // Its own are above the state, though it replays one that is below: 2 is needed.
        is(&[(installed(2, 20), false), (promised(install), false)]);
    }

    #[test]
    fn votes_in_a_view_that_was_not_entered_make_it_the_highest() {
        is(&[(entered(2, 0), true), (voted(3), false), (held(sign(3, replay(2, 9))), true)]);
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
    fn what_reports_of_the_change_under_way_name_stays() {
        let reported = |view, base| {
            let (replay, prepares) = (sign(2, replay(1, base)).signed().clone(), List::empty());
            let replay = Some(ReplayCertificate { replay, prepares });
            let report = Report { executed: Seq(0), count: 0, replay };
            held(sign(3, RbInit { view: View(view), seq: 0, payload: Payload::Report(report) }))
        };
        is(&[
            (entered(2, 0), true),
            (reported(2, 7), true),
            (answered(7), true),
            (entered(3, 0), false),
            (reported(3, 8), false),
            (answered(7), true),
            (answered(8), false),
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
