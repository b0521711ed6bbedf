//! Leader monitoring and view changes.

use super::{breaks, breaks_at, each, edit, partials, passes, threshold};
use crate::decode::kit::message;
use wire::prime::{Constraint, MAX_REPLAY, Message, Payload, Proof};
use wire::{Digest, List, Point, ReplicaId, Seq, View};

#[test]
fn the_view_change_begins_with_view_one() {
    let none = View(0);
    breaks(
        "are of a view above 0",
        &[
            bent!(NewLeader, |m| m.body.view = none),
            bent!(NewLeaderProof, |m| each(&mut m.body.votes, |vote| vote.view = none)),
            bent!(RbInit, |m| m.body.view = none),
            bent!(RbInit, "RbInit-2", |m| m.body.view = none),
            bent!(RbEcho, |m| m.body.view = none),
            bent!(RbReady, |m| m.body.view = none),
            bent!(RbRequest, |m| m.body.view = none),
            bent!(VcList, |m| m.body.view = none),
            bent!(VcPartialSig, |m| m.body.constraint.view = none),
            bent!(VcProof, |m| {
                m.body.constraint.view = none;
                each(partials(&mut m.body.proof), |partial| partial.constraint.view = none);
            }),
            bent!(ReplayPrepare, |m| m.body.view = none),
            bent!(ReplayCommit, |m| m.body.view = none),
            bent!(InstallCertificate, |m| m.body.commits[0].body.view = none),
            bent!(RbInit, |m| {
                let Payload::Report(report) = &mut m.body.payload else { panic!() };
                report.replay.as_mut().unwrap().prepares[0].body.view = none;
            }),
        ],
    );
}

#[test]
fn the_votes_of_a_proof_are_for_one_view() {
    breaks(
        "not empty and all for one view",
        &[
            bent!(NewLeaderProof, |m| m.body.votes = List::empty()),
            bent!(NewLeaderProof, |m| m.body.votes[1].body.view = View(9)),
        ],
    );
    passes(
        &[bent!(NewLeaderProof, |m| each(&mut m.body.votes, |vote| vote.view = View(u64::MAX)))],
    );
}

#[test]
fn other_views_may_be_zero() {
    let none = View(0);
    passes(&[
        bent!(RttPing, |m| m.body.view = none),
        bent!(RttPong, |m| m.body.view = none),
        bent!(RttMeasure, |m| m.body.view = none),
        bent!(TatUb, |m| m.body.view = none),
        bent!(TatMeasure, |m| m.body.view = none),
        bent!(PrePrepare, |m| m.body.view = none),
        bent!(Prepare, |m| m.body.view = none),
        bent!(ProposalRequest, |m| m.body.bound.view = none),
    ]);
}

#[test]
fn nobody_answers_or_measures_himself() {
    breaks(
        "nobody answers his own ping",
        &[
            bent!(RttPong, |m| m.body.pinger = m.signer),
            bent!(RttMeasure, |m| m.body.to = m.signer),
        ],
    );
}

#[test]
fn the_first_broadcast_is_a_report_and_the_others_are_entries() {
    let most = u32::try_from(MAX_REPLAY).unwrap();
    let count = |count: u32| {
        bent!(RbInit, |m| {
            let Payload::Report(report) = &mut m.body.payload else { panic!() };
            report.count = count;
        })
    };
    breaks(
        "a broadcast 0 carries a Report",
        &[
            count(most + 1),
            bent!(RbInit, |m| m.body.seq = 1),
            bent!(RbInit, "RbInit-2", |m| m.body.seq = 0),
            bent!(RbInit, "RbInit-3", |m| m.body.seq = most + 1),
            bent!(RbEcho, |m| m.body.seq = most + 1),
            bent!(RbReady, |m| m.body.seq = u32::MAX),
            bent!(RbRequest, |m| m.body.seq = most + 1),
        ],
    );
    passes(&[
        count(most),
        bent!(RbInit, "RbInit-3", |m| m.body.seq = most),
        bent!(RbEcho, |m| m.body.seq = 0),
        bent!(RbReady, |m| m.body.seq = most),
        bent!(RbRequest, |m| m.body.seq = 0),
    ]);
}

/// A partial signature for the corpus's constraint, changed.
fn constraint(change: impl FnOnce(&mut Constraint)) -> Message {
    bent!(VcPartialSig, |m| change(&mut m.body.constraint))
}

#[test]
fn a_list_has_q_members_in_order() {
    breaks(
        "a list has exactly Q members",
        &[
            bent!(VcList, |m| edit(&mut m.body.ids, |all| all.truncate(2))),
            bent!(VcList, |m| m.body.ids = List::new([1, 2, 3, 4].map(ReplicaId).into()).unwrap()),
            bent!(VcList, |m| m.body.ids = List::empty()),
            bent!(VcList, |m| m.body.ids.swap(0, 1)),
            bent!(VcList, |m| m.body.ids[1] = m.body.ids[0]),
            constraint(|it| edit(&mut it.ids, |all| all.truncate(2))),
            constraint(|it| it.ids.swap(1, 2)),
        ],
    );
}

#[test]
fn a_constraint_leaves_room_for_what_can_be_replayed() {
    let span = |base: u64, start: u64| {
        constraint(|it| {
            it.base = Seq(base);
            it.start_seq = Seq(start);
        })
    };
    let most = MAX_REPLAY as u64;
    breaks(
        "base < start_seq",
        &[
            span(7, 7),
            span(7, 6),
            span(u64::MAX, u64::MAX),
            span(0, most + 2),
            span(7, 7 + most + 2),
            span(0, u64::MAX),
        ],
    );
    passes(&[
        span(7, 8),
        span(0, most + 1),
        span(7, 7 + most + 1),
        span(u64::MAX - most - 1, u64::MAX),
    ]);
}

#[test]
fn a_constraint_without_partial_signatures_is_judged_all_the_same() {
    breaks(
        "are of a view above 0",
        &[bent!(VcProof, |m| {
            *partials(&mut m.body.proof) = List::empty();
            m.body.constraint.view = View(0);
        })],
    );
    breaks(
        "a list has exactly Q members",
        &[bent!(Replay, |m| {
            *partials(&mut m.body.proof) = List::empty();
            m.body.constraint.ids = List::empty();
        })],
    );
}

const PROOFS: &str = "is what `config.proofs` says";

#[test]
fn partial_signatures_are_for_the_constraint_beside_them() {
    let other = Digest::default();
    breaks(
        PROOFS,
        &[
            bent!(VcProof, |m| partials(&mut m.body.proof)[0].body.constraint.resolution = other),
            bent!(VcProof, |m| partials(&mut m.body.proof)[2].body.constraint.view = View(9)),
            bent!(Replay, |m| m.body.constraint.resolution = other),
            bent!(ReplayConflict, |m| m.body.second.body.constraint.view = View(9)),
            bent!(InstallCertificate, |m| m.body.replay.body.constraint.resolution = other),
            bent!(RbInit, |m| {
                let Payload::Report(report) = &mut m.body.payload else { panic!() };
                report.replay.as_mut().unwrap().replay.body.constraint.resolution = other;
            }),
        ],
    );
}

#[test]
fn a_cluster_of_certificates_has_no_threshold_signatures() {
    let point = Point([7; 48]);
    breaks(
        PROOFS,
        &[
            bent!(VcPartialSig, |m| m.body.share = Some(point)),
            bent!(VcProof, |m| m.body.proof = Proof::Threshold(point)),
            bent!(VcProof, |m| partials(&mut m.body.proof)[1].body.share = Some(point)),
            bent!(Replay, |m| m.body.proof = Proof::Threshold(point)),
            bent!(ReplayConflict, |m| m.body.first.body.proof = Proof::Threshold(point)),
            bent!(InstallCertificate, |m| {
                m.body.replay.body.proof = Proof::Threshold(point);
            }),
            bent!(RbInit, |m| {
                let Payload::Report(report) = &mut m.body.payload else { panic!() };
                report.replay.as_mut().unwrap().replay.body.proof = Proof::Threshold(point);
            }),
        ],
    );
}

#[test]
fn a_cluster_of_threshold_signatures_has_nothing_else() {
    let empty = || Proof::Certificate(List::empty());
    let message = |message| breaks_at(&threshold(), PROOFS, &message);
    message(bent!(VcPartialSig, |_m| {}));
    message(bent!(VcPartialSig, "threshold-VcPartialSig", |m| m.body.share = None));
    message(bent!(VcProof, |_m| {}));
    message(bent!(VcProof, "threshold-VcProof", |m| m.body.proof = empty()));
    message(bent!(Replay, "threshold-Replay", |m| m.body.proof = empty()));
    message(bent!(ReplayConflict, "threshold-ReplayConflict", |m| {
        m.body.second.body.proof = empty();
    }));
    message(bent!(InstallCertificate, "threshold-InstallCertificate", |m| {
        m.body.replay.body.proof = empty();
    }));
    message(bent!(RbInit, "threshold-RbInit", |m| {
        let Payload::Report(report) = &mut m.body.payload else { panic!() };
        report.replay.as_mut().unwrap().replay.body.proof = empty();
    }));
}

#[test]
fn what_a_threshold_signature_proves_is_judged_all_the_same() {
    let proof = bent!(VcProof, "threshold-VcProof", |m| m.body.constraint.view = View(0));
    breaks_at(&threshold(), "are of a view above 0", &proof);
    let partial =
        bent!(VcPartialSig, "threshold-VcPartialSig", |m| m.body.constraint.ids.swap(0, 1));
    breaks_at(&threshold(), "a list has exactly Q members", &partial);
}
