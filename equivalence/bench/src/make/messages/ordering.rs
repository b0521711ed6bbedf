//! Messages of pre-ordering, ordering, reconciliation and catch-up.

use super::parts::Parts;
use wire::prime::{
    CatchUpRequest, Commit, Message, OrderedCertificate, PoAck, PoAcks, PoAruConflict,
    PoRequestConflict, PrePrepareConflict, Prepare, ProofMatrix, Recon, ReconRequest,
};
use wire::{Blob, List, PoSeq, Seq, View};

/// The message of this number, from 0 to 13.
pub(super) fn message(parts: &mut Parts<'_>, kind: u64) -> Message {
    match kind {
        0 => Message::PoRequest(parts.request()),
        1 => Message::PoAcks(acks(parts)),
        2 => {
            let aru = parts.aru();
            Message::PoAru(parts.by_anyone(aru))
        }
        3 => {
            let (first, second) = (parts.request(), parts.request());
            Message::PoRequestConflict(parts.by_anyone(PoRequestConflict { first, second }))
        }
        4 => {
            let (first, second) = (parts.aru(), parts.aru());
            let (first, second) = (parts.by_anyone(first), parts.by_anyone(second));
            Message::PoAruConflict(parts.by_anyone(PoAruConflict { first, second }))
        }
        5 => {
            let matrix = parts.matrix();
            Message::ProofMatrix(parts.by_anyone(ProofMatrix { matrix }))
        }
        6 => Message::PrePrepare(parts.proposal()),
        7 => {
            let (view, seq, digest) = (parts.view(), Seq(parts.number()), parts.digest());
            Message::Prepare(parts.by_anyone(Prepare { view, seq, digest }))
        }
        8 => {
            let commit = commit(parts);
            Message::Commit(parts.by_anyone(commit))
        }
        9 => {
            let (first, second) = (parts.proposal(), parts.proposal());
            Message::PrePrepareConflict(parts.by_anyone(PrePrepareConflict { first, second }))
        }
        10 => recon(parts),
        11 => {
            let (originator, seq) = (parts.id(), PoSeq(parts.number()));
            Message::ReconRequest(parts.by_anyone(ReconRequest { originator, seq }))
        }
        12 => catch_up(parts),
        _ => {
            let pre_prepare = parts.proposal();
            let commits = parts.votes(0, commit);
            Message::OrderedCertificate(
                parts.by_anyone(OrderedCertificate { pre_prepare, commits }),
            )
        }
    }
}

fn commit(parts: &mut Parts<'_>) -> Commit {
    Commit { view: parts.view(), seq: Seq(parts.number()), digest: parts.digest() }
}

fn acks(parts: &mut Parts<'_>) -> wire::Signed<PoAcks> {
    let count = if parts.off(20) { 0 } else { 1 + parts.rng.index(4) };
    let acks = (0..count).map(|_| PoAck {
        originator: parts.id(),
        seq: PoSeq(parts.number()),
        digest: parts.digest(),
    });
    let acks = List::new(acks.collect()).expect("a few");
    parts.by_anyone(PoAcks { acks })
}

fn recon(parts: &mut Parts<'_>) -> Message {
    let depth = parts.rng.choose([0, 2, 16]);
    let body = Recon {
        originator: parts.id(),
        seq: PoSeq(parts.number()),
        digest: parts.digest(),
        root: parts.digest(),
        length: u32::try_from(parts.rng.below(1000)).unwrap_or_default(),
        part: Blob::new(vec![3; parts.rng.choose([0, 1, 200])]).expect("a small part"),
        path: List::new(vec![parts.digest(); depth]).expect("at most the deepest tree"),
    };
    Message::Recon(parts.by_anyone(body))
}

fn catch_up(parts: &mut Parts<'_>) -> Message {
    let (view, ordered) = (parts.rng.below(3), parts.rng.below(3));
    let above = parts.off(40);
    let installed = if above { view + 1 } else { view - view.min(parts.rng.below(2)) };
    let above = parts.off(40);
    let executed = if above { ordered + 1 } else { ordered - ordered.min(parts.rng.below(2)) };
    Message::CatchUpRequest(parts.by_anyone(CatchUpRequest {
        view: View(view),
        installed: View(installed),
        ordered: Seq(ordered),
        executed: Seq(executed),
    }))
}
