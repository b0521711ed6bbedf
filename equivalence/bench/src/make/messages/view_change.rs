//! Messages of the view change.

use super::parts::Parts;
use wire::prime::{
    Certificate, Commit, InstallCertificate, MAX_REPLAY, Message, Payload, Prepare,
    ProposalRequest, RbEcho, RbInit, RbReady, RbRequest, ReplayCertificate, ReplayCommit,
    ReplayConflict, ReplayPrepare, Report, Resolution, ResolutionAnswer, ResolutionRequest, VcList,
    VcProof,
};
use wire::{List, ReplicaId, Seq, View};

/// The message of this number, from 0 to 14.
pub(super) fn message(parts: &mut Parts<'_>, kind: u64) -> Message {
    match kind {
        0 => init(parts),
        1 => {
            let (originator, view, seq) = tag(parts);
            let digest = parts.digest();
            Message::RbEcho(parts.by_anyone(RbEcho { originator, view, seq, digest }))
        }
        2 => {
            let (originator, view, seq) = tag(parts);
            let digest = parts.digest();
            Message::RbReady(parts.by_anyone(RbReady { originator, view, seq, digest }))
        }
        3 => {
            let (originator, view, seq) = tag(parts);
            let digest = parts.digest();
            Message::RbRequest(parts.by_anyone(RbRequest { originator, view, seq, digest }))
        }
        4 => {
            let (view, ids) = (parts.late_view(), parts.ids());
            Message::VcList(parts.by_anyone(VcList { view, ids }))
        }
        5 => {
            let partial = parts.partial();
            Message::VcPartialSig(parts.by_anyone(partial))
        }
        6 => {
            let constraint = parts.constraint();
            let proof = parts.proof(&constraint);
            Message::VcProof(parts.by_anyone(VcProof { constraint, proof }))
        }
        7 => Message::Replay(parts.replay()),
        8 => {
            let (view, digest) = (parts.late_view(), parts.digest());
            Message::ReplayPrepare(parts.by_anyone(ReplayPrepare { view, digest }))
        }
        9 => {
            let vote = replay_commit(parts);
            Message::ReplayCommit(parts.by_anyone(vote))
        }
        10 => {
            let (first, second) = (parts.replay(), parts.replay());
            Message::ReplayConflict(parts.by_anyone(ReplayConflict { first, second }))
        }
        11 => {
            let (replay, resolution) = (parts.replay(), resolution(parts));
            let commits = parts.votes(0, replay_commit);
            let body = InstallCertificate { replay, commits, resolution };
            Message::InstallCertificate(parts.by_anyone(body))
        }
        12 => {
            let digest = parts.digest();
            Message::ResolutionRequest(parts.by_anyone(ResolutionRequest { digest }))
        }
        13 => {
            let resolution = resolution(parts);
            Message::ResolutionAnswer(parts.by_anyone(ResolutionAnswer { resolution }))
        }
        _ => {
            let (seq, bound) = (Seq(parts.number()), parts.bound());
            Message::ProposalRequest(parts.by_anyone(ProposalRequest { seq, bound }))
        }
    }
}

fn replay_commit(parts: &mut Parts<'_>) -> ReplayCommit {
    ReplayCommit { view: parts.late_view(), digest: parts.digest() }
}

fn number(parts: &mut Parts<'_>) -> u32 {
    let most = u32::try_from(MAX_REPLAY).unwrap_or(u32::MAX);
    if parts.off(15) { most + 1 } else { parts.rng.choose([0, 1, 2, most]) }
}

fn tag(parts: &mut Parts<'_>) -> (ReplicaId, View, u32) {
    (parts.id(), parts.late_view(), number(parts))
}

fn resolution(parts: &mut Parts<'_>) -> Resolution {
    let count = parts.rng.choose([0, 1, 3]);
    let entries = (0..count).map(|_| {
        let bound = parts.bound();
        parts.rng.percent(60).then_some(bound)
    });
    let entries = List::new(entries.collect()).expect("a few");
    Resolution { base: Seq(parts.rng.below(9)), entries }
}

fn init(parts: &mut Parts<'_>) -> Message {
    let view = parts.late_view();
    let seq = number(parts);
    let as_report = if parts.off(25) { seq > 0 } else { seq == 0 };
    let payload = if as_report { Payload::Report(report(parts)) } else { entry(parts) };
    Message::RbInit(parts.by_anyone(RbInit { view, seq, payload }))
}

fn report(parts: &mut Parts<'_>) -> Report {
    let held = parts.rng.percent(50);
    let replay = held.then(|| ReplayCertificate {
        replay: parts.replay(),
        prepares: parts
            .votes(0, |parts| ReplayPrepare { view: parts.late_view(), digest: parts.digest() }),
    });
    Report { executed: Seq(parts.rng.below(9)), count: number(parts), replay }
}

fn entry(parts: &mut Parts<'_>) -> Payload {
    let proposal = parts.proposal();
    let (view, digest) = (parts.view(), parts.digest());
    Payload::Entry(if parts.rng.percent(50) {
        let vote = |parts: &mut Parts<'_>| Prepare { view, seq: Seq(parts.number()), digest };
        Certificate::Prepared(proposal, parts.votes(0, vote))
    } else {
        let vote = |parts: &mut Parts<'_>| Commit { view, seq: Seq(parts.number()), digest };
        Certificate::Committed(proposal, parts.votes(0, vote))
    })
}
