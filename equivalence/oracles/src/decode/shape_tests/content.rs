//! Batches, vectors, certificates, catch-up.

use super::{breaks, edit, partials, passes};
use crate::decode::kit::message;
use crate::pre_order::kit::update;
use wire::prime::{Certificate, MAX_BATCH_BYTES, Message, Payload};
use wire::{List, PoSeq, Seq, Signed, Update, View};

/// A client's update with a payload of that many bytes.
fn long(bytes: usize) -> Signed<Update> {
    update(1, 1, &vec![0; bytes]).signed().clone()
}

#[test]
fn a_batch_has_something_and_not_too_much() {
    let large = || List::new(vec![long(MAX_BATCH_BYTES / 8); 8]).unwrap();
    let byte = || long(1);
    breaks(
        "a PO-Request has an update",
        &[
            bent!(PoRequest, |m| m.body.updates = List::empty()),
            bent!(PoRequestConflict, |m| m.body.first.body.updates = List::empty()),
            bent!(PoRequestConflict, |m| m.body.second.body.updates = List::empty()),
            bent!(PoAcks, |m| m.body.acks = List::empty()),
            bent!(PoRequest, |m| {
                m.body.updates = large();
                edit(&mut m.body.updates, |all| all.push(byte()));
            }),
        ],
    );
    passes(&[bent!(PoRequest, |m| {
        m.body.updates = large();
        edit(&mut m.body.updates, |all| all.push(long(0)));
    })]);
}

#[test]
fn a_client_may_be_anybody_and_count_from_anywhere() {
    passes(&[bent!(PoRequest, |m| m.body.updates = List::new(vec![
        update(0, 0, b"").signed().clone(),
        update(u32::MAX, u64::MAX, b"").signed().clone(),
    ])
    .unwrap())]);
}

#[test]
fn a_vector_has_n_entries() {
    breaks(
        "a PO-ARU has N entries",
        &[
            bent!(PoAru, |m| edit(&mut m.body.vec, |all| all.truncate(3))),
            bent!(PoAru, |m| edit(&mut m.body.vec, |all| all.push(PoSeq(1)))),
            bent!(PoAruConflict, |m| m.body.first.body.vec = List::empty()),
            bent!(PoAruConflict, |m| edit(&mut m.body.second.body.vec, |all| all.truncate(3))),
        ],
    );
    passes(&[bent!(PoAru, |m| m.body.vec = List::new(vec![PoSeq(0); 4]).unwrap())]);
}

#[test]
fn a_matrix_has_n_rows_each_in_its_place() {
    let row = || {
        let Message::PrePrepare(m) = message("PrePrepare") else { panic!() };
        m.body.matrix.rows[0].clone()
    };
    breaks(
        "a matrix has N rows",
        &[
            bent!(ProofMatrix, |m| m.body.matrix.rows = List::empty()),
            bent!(ProofMatrix, |m| edit(&mut m.body.matrix.rows, |all| all.push(None))),
            bent!(PrePrepare, |m| edit(&mut m.body.matrix.rows, |all| all.truncate(3))),
            bent!(PrePrepare, |m| m.body.matrix.rows[1] = row()),
            bent!(PrePrepareConflict, |m| m.body.second.body.matrix.rows[3] = row()),
            bent!(OrderedCertificate, |m| m.body.pre_prepare.body.matrix.rows[2] = row()),
            bent!(CheckpointProof, |m| m.body.preceding.rows = List::empty()),
            bent!(ProofMatrix, |m| {
                let row = m.body.matrix.rows[0].as_mut().unwrap();
                edit(&mut row.body.vec, |all| all.truncate(3));
            }),
            bent!(RbInit, "RbInit-2", |m| {
                let Payload::Entry(Certificate::Prepared(proposal, _)) = &mut m.body.payload else {
                    panic!()
                };
                proposal.body.matrix.rows[1] = row();
            }),
        ],
    );
    passes(&[
        bent!(ProofMatrix, |m| m.body.matrix.rows = List::new(vec![None; 4]).unwrap()),
        bent!(CheckpointProof, |m| m.body.preceding.rows[0] = row()),
    ]);
}

#[test]
fn certificates_ascend_strictly_by_signer() {
    breaks(
        "ascends strictly by signer",
        &[
            bent!(OrderedCertificate, |m| m.body.commits.swap(0, 1)),
            bent!(OrderedCertificate, |m| m.body.commits[1] = m.body.commits[0].clone()),
            bent!(NewLeaderProof, |m| m.body.votes.reverse()),
            bent!(NewLeaderProof, |m| m.body.votes[0] = m.body.votes[1].clone()),
            bent!(VcProof, |m| partials(&mut m.body.proof).swap(1, 2)),
            bent!(Replay, |m| {
                let partials = partials(&mut m.body.proof);
                partials[2] = partials[1].clone();
            }),
            bent!(ReplayConflict, |m| partials(&mut m.body.second.body.proof).swap(0, 2)),
            bent!(InstallCertificate, |m| m.body.commits.swap(0, 1)),
            bent!(InstallCertificate, |m| partials(&mut m.body.replay.body.proof).swap(0, 1)),
            bent!(CheckpointProof, |m| m.body.checkpoints.swap(0, 1)),
            bent!(RbInit, |m| {
                let Payload::Report(report) = &mut m.body.payload else { panic!() };
                report.replay.as_mut().unwrap().prepares.swap(0, 1);
            }),
            bent!(RbInit, "RbInit-2", |m| {
                let Payload::Entry(Certificate::Prepared(_, votes)) = &mut m.body.payload else {
                    panic!()
                };
                votes.swap(0, 1);
            }),
            bent!(RbInit, "RbInit-3", |m| {
                let Payload::Entry(Certificate::Committed(_, votes)) = &mut m.body.payload else {
                    panic!()
                };
                votes.swap(0, 1);
            }),
        ],
    );
}

#[test]
fn how_many_stand_in_a_certificate_is_judged_elsewhere() {
    passes(&[
        bent!(OrderedCertificate, |m| m.body.commits = List::empty()),
        bent!(InstallCertificate, |m| m.body.commits = List::empty()),
        bent!(VcProof, |m| *partials(&mut m.body.proof) = List::empty()),
        bent!(NewLeaderProof, |m| edit(&mut m.body.votes, |all| all.truncate(1))),
        bent!(CheckpointProof, |m| edit(&mut m.body.checkpoints, |all| all.truncate(1))),
    ]);
}

#[test]
fn who_catches_up_has_installed_and_executed_no_more_than_he_can() {
    breaks(
        "a catch-up request has",
        &[
            bent!(CatchUpRequest, |m| m.body.installed = View(m.body.view.0 + 1)),
            bent!(CatchUpRequest, |m| m.body.executed = Seq(m.body.ordered.0 + 1)),
        ],
    );
    passes(&[bent!(CatchUpRequest, |m| {
        m.body.installed = m.body.view;
        m.body.executed = m.body.ordered;
    })]);
}
