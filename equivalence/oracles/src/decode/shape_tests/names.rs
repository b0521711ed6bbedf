//! Names and numbers.

use super::{NAMES, breaks, each, partials};
use crate::decode::kit::{corpus, hostile, message};
use crate::decode::shape::check;
use crate::pre_order::kit::config;
use wire::prime::{Certificate, Message, Payload};
use wire::{PoSeq, ReplicaId, Seq, codec};

#[test]
fn whoever_signs_is_one_of_the_replicas() {
    for (name, bytes) in corpus().iter().filter(|(name, _)| !hostile(name)) {
        for signer in [0, 5] {
            let mut bytes = bytes.clone();
            bytes[1] = signer;
            let message = codec::decode(&bytes).unwrap();
            let found = check(&config(), &message, &Ok(())).expect_err(name);
            assert!(found.rule.contains(NAMES), "{name}: {found}");
        }
    }
}

#[test]
fn whoever_is_named_is_one_of_the_replicas() {
    let (none, many) = (ReplicaId(0), ReplicaId(5));
    breaks(
        NAMES,
        &[
            bent!(PoAcks, |m| m.body.acks[2].originator = none),
            bent!(PoAcks, |m| m.body.acks[0].originator = many),
            bent!(Recon, |m| m.body.originator = none),
            bent!(ReconRequest, |m| m.body.originator = many),
            bent!(RttPong, |m| m.body.pinger = many),
            bent!(RttMeasure, |m| m.body.to = none),
            bent!(RbEcho, |m| m.body.originator = none),
            bent!(RbReady, |m| m.body.originator = many),
            bent!(RbRequest, |m| m.body.originator = none),
            bent!(VcList, |m| m.body.ids[2] = many),
            bent!(VcList, |m| m.body.ids[0] = none),
            bent!(VcPartialSig, |m| m.body.constraint.ids[2] = many),
        ],
    );
}

#[test]
fn whoever_signed_something_inside_is_one_of_the_replicas() {
    let (none, many) = (ReplicaId(0), ReplicaId(5));
    breaks(
        NAMES,
        &[
            bent!(PoRequestConflict, |m| m.body.first.signer = none),
            bent!(PoAruConflict, |m| m.body.second.signer = many),
            bent!(PrePrepareConflict, |m| m.body.second.signer = many),
            bent!(ReplayConflict, |m| m.body.first.signer = none),
            bent!(OrderedCertificate, |m| m.body.pre_prepare.signer = many),
            bent!(OrderedCertificate, |m| m.body.commits[0].signer = none),
            bent!(NewLeaderProof, |m| m.body.votes[0].signer = none),
            bent!(VcProof, |m| partials(&mut m.body.proof)[2].signer = many),
            bent!(InstallCertificate, |m| m.body.replay.signer = many),
            bent!(InstallCertificate, |m| m.body.commits[0].signer = none),
            bent!(CheckpointProof, |m| m.body.checkpoints[0].signer = none),
        ],
    );
}

#[test]
fn who_is_named_in_a_broadcast_is_one_of_the_replicas() {
    let many = ReplicaId(5);
    breaks(
        NAMES,
        &[
            bent!(RbInit, |m| {
                let Payload::Report(report) = &mut m.body.payload else { panic!() };
                report.replay.as_mut().unwrap().replay.signer = many;
            }),
            bent!(RbInit, "RbInit-2", |m| {
                let Payload::Entry(Certificate::Prepared(_, votes)) = &mut m.body.payload else {
                    panic!()
                };
                votes[1].signer = many;
            }),
            bent!(RbInit, "RbInit-3", |m| {
                let Payload::Entry(Certificate::Committed(proposal, _)) = &mut m.body.payload
                else {
                    panic!()
                };
                proposal.signer = many;
            }),
        ],
    );
}

#[test]
fn numbers_are_above_zero() {
    breaks(
        "are above 0",
        &[
            bent!(PoRequest, |m| m.body.seq = PoSeq(0)),
            bent!(PoRequestConflict, |m| m.body.second.body.seq = PoSeq(0)),
            bent!(PoAcks, |m| m.body.acks[1].seq = PoSeq(0)),
            bent!(PrePrepare, |m| m.body.seq = Seq(0)),
            bent!(PrePrepareConflict, |m| m.body.first.body.seq = Seq(0)),
            bent!(Prepare, |m| m.body.seq = Seq(0)),
            bent!(Commit, |m| m.body.seq = Seq(0)),
            bent!(OrderedCertificate, |m| m.body.pre_prepare.body.seq = Seq(0)),
            bent!(OrderedCertificate, |m| m.body.commits[1].body.seq = Seq(0)),
            bent!(Recon, |m| m.body.seq = PoSeq(0)),
            bent!(ReconRequest, |m| m.body.seq = PoSeq(0)),
            bent!(ProposalRequest, |m| m.body.seq = Seq(0)),
            bent!(RttPing, |m| m.body.seq = 0),
            bent!(RttPong, |m| m.body.seq = 0),
            bent!(Checkpoint, |m| m.body.state.seq = Seq(0)),
            bent!(CheckpointProof, |m| each(&mut m.body.checkpoints, |c| c.state.seq = Seq(0))),
            bent!(StateRequest, |m| m.body.state.seq = Seq(0)),
            bent!(StateChunk, |m| m.body.state.seq = Seq(0)),
        ],
    );
}
