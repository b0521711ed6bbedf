//! Well-formed messages that mean nothing, of every kind that one server can make alone.

use super::Turn;
use wire::prime::{
    Body, Bound, CatchUpRequest, Checkpoint, Commit, Constraint, NewLeader, Payload, PoAck, PoAcks,
    PoAru, Prepare, Prime, ProposalRequest, RbEcho, RbInit, RbReady, RbRequest, Recon,
    ReconRequest, ReplayCommit, ReplayPrepare, Report, Resolution, ResolutionAnswer,
    ResolutionRequest, RttMeasure, RttPing, RttPong, StateId, StateRequest, TatMeasure, TatUb,
    VcList, VcPartialSig,
};
use wire::{Blob, Digest, List, PoSeq, ReplicaId, Seq, View};

/// Around where things are: what a flood should be near to, and far from.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    pub(super) view: View,
    pub(super) seq: Seq,
    /// By originator; empty at first.
    pub(super) aru: Vec<PoSeq>,
}

impl Place {
    /// Takes note of what the core says.
    #[expect(clippy::wildcard_enum_match_arm, reason = "these tell enough")]
    pub(super) fn note(&mut self, body: &Body) {
        match body {
            Body::Prepare(vote) => self.seq = self.seq.max(vote.seq),
            Body::PrePrepare(proposal) => self.seq = self.seq.max(proposal.seq),
            Body::RttPing(ping) => self.view = self.view.max(ping.view),
            Body::PoAru(aru) => self.aru = aru.vec.to_vec(),
            _ => {}
        }
    }

    /// How far pre-ordering is with the requests of `originator`.
    fn po_seq(&self, originator: usize) -> u64 {
        self.aru.get(originator).map_or(0, |seq| seq.0)
    }
}

/// A digest of nothing.
pub(super) fn digest(turn: &mut Turn<'_, Prime>) -> Digest {
    Digest::of("patchy adversary 1", &turn.rng.bytes(8))
}

/// Near `base` mostly, or anywhere.
fn around(turn: &mut Turn<'_, Prime>, base: u64) -> u64 {
    match turn.rng.below(8) {
        0 => turn.rng.draw(),
        1 => u64::MAX - turn.rng.below(3),
        2 => base.saturating_add(1_000 + turn.rng.below(100_000)),
        _ => base.saturating_add(turn.rng.below(80)).saturating_sub(16),
    }
    .max(1)
}

fn id(turn: &mut Turn<'_, Prime>) -> ReplicaId {
    ReplicaId::from_index(turn.rng.index(turn.config.size()))
}

/// Another replica than this one.
fn other(turn: &mut Turn<'_, Prime>) -> ReplicaId {
    let others = turn.others();
    others[turn.rng.index(others.len())]
}

fn view(turn: &mut Turn<'_, Prime>, place: &Place) -> View {
    match turn.rng.below(3) {
        0 => View(around(turn, place.view.0)),
        near => View(place.view.0 + near - 1).max(View(1)),
    }
}

/// Q replicas, ascending.
pub(super) fn list(turn: &mut Turn<'_, Prime>) -> List<ReplicaId, { wire::config::MAX_REPLICAS }> {
    let mut ids: Vec<ReplicaId> = turn.config.replicas().collect();
    while ids.len() > turn.config.quorum() {
        ids.swap_remove(turn.rng.index(ids.len()));
    }
    ids.sort_unstable();
    List::new(ids).expect("no more than N")
}

/// What no states amount to.
pub(super) fn constraint(turn: &mut Turn<'_, Prime>, place: &Place) -> Constraint {
    let (view, ids, resolution) = (view(turn, place), list(turn), digest(turn));
    let base = Seq(place.seq.0 + turn.rng.below(50));
    let start_seq = Seq(base.0 + 1 + turn.rng.below(1_000));
    Constraint { view, ids, base, start_seq, resolution }
}

/// A message of pre-ordering or ordering.
fn ordering(turn: &mut Turn<'_, Prime>, place: &Place) -> Body {
    let (originator, digest) = (id(turn), digest(turn));
    let seq = PoSeq(around(turn, place.po_seq(originator.index())));
    let number = Seq(around(turn, place.seq.0));
    let view = if turn.rng.chance(500_000) { place.view } else { view(turn, place) };
    match turn.rng.below(8) {
        0 => {
            let acks = (0..20).map(|ahead| PoAck {
                originator,
                seq: PoSeq(seq.0.saturating_add(ahead)),
                digest,
            });
            PoAcks { acks: List::new(acks.collect()).expect("twenty") }.into()
        }
        1 => {
            let size = turn.config.size();
            let entries = (0..size).map(|index| PoSeq(around(turn, place.po_seq(index))));
            PoAru { vec: List::new(entries.collect()).expect("N") }.into()
        }
        2 => Prepare { view, seq: number, digest }.into(),
        3 => Commit { view, seq: number, digest }.into(),
        4 => {
            let bytes = turn.rng.bytes(60);
            let part = Blob::new(bytes).expect("sixty bytes");
            let path = List::default();
            Recon { originator, seq, digest, root: digest, length: 120, part, path }.into()
        }
        5 => ReconRequest { originator, seq }.into(),
        6 => {
            let executed = Seq(turn.rng.below(place.seq.0 + 1));
            CatchUpRequest { view, installed: View(0), ordered: executed, executed }.into()
        }
        _ => ProposalRequest { seq: number, bound: Bound { view, digest } }.into(),
    }
}

/// A message of leader monitoring or about states.
fn monitoring(turn: &mut Turn<'_, Prime>, place: &Place) -> Body {
    let count = around(turn, 1);
    let view = view(turn, place);
    match turn.rng.below(8) {
        0 => RttPing { view, seq: count }.into(),
        1 => RttPong { view, pinger: other(turn), seq: count }.into(),
        2 => RttMeasure { view, to: other(turn), rtt: count }.into(),
        3 => TatUb { view, alpha: count }.into(),
        4 => TatMeasure { view, tat: count }.into(),
        5 => NewLeader { view }.into(),
        _ => {
            let seq = Seq(around(turn, place.seq.0));
            let state = StateId { seq, root: digest(turn), length: turn.rng.below(1 << 20) };
            match turn.rng.below(2) {
                0 => Checkpoint { state }.into(),
                _ => StateRequest { state, index: 0 }.into(),
            }
        }
    }
}

/// A message of the view change.
fn changing(turn: &mut Turn<'_, Prime>, place: &Place) -> Body {
    let (originator, view, digest) = (id(turn), view(turn, place), digest(turn));
    let seq = u32::try_from(turn.rng.below(70)).expect("below 70");
    match turn.rng.below(10) {
        0 => RbEcho { originator, view, seq, digest }.into(),
        1 => RbReady { originator, view, seq, digest }.into(),
        2 => RbRequest { originator, view, seq, digest }.into(),
        3 => {
            let executed = Seq(around(turn, place.seq.0));
            let report = Report { executed, count: seq, replay: None };
            RbInit { view, seq: 0, payload: Payload::Report(report) }.into()
        }
        4 => VcList { view, ids: list(turn) }.into(),
        5 => VcPartialSig { constraint: constraint(turn, place), share: None }.into(),
        6 => ReplayPrepare { view, digest }.into(),
        7 => ReplayCommit { view, digest }.into(),
        8 => ResolutionRequest { digest }.into(),
        _ => {
            let resolution = Resolution { base: place.seq, entries: List::default() };
            ResolutionAnswer { resolution }.into()
        }
    }
}

/// Anything at all.
pub(super) fn anything(turn: &mut Turn<'_, Prime>, place: &Place) -> Body {
    match turn.rng.below(3) {
        0 => ordering(turn, place),
        1 => monitoring(turn, place),
        _ => changing(turn, place),
    }
}
