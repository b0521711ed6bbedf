//! More broadcasts than are said again in one turn, and more than a byte counts.

use super::Stage;
use prime::broadcast::{Instance, State, Tag};
use wire::prime::{MAX_REPLAY, Payload};
use wire::{Digest, ReplicaId, Time, View};

/// Most broadcasts that are said again in one turn, as the contract has it.
const TAGS: usize = 128;

/// Own broadcasts of one view: more than a byte counts.
const PAYLOADS: usize = 257;

/// As many as are said again in one turn, and one more.
pub(super) fn retransmit(stage: &mut Stage<'_>) {
    let (state, (now,)) = stage.call::<State, (Time,)>();
    let digest = Digest::of("bench", b"said");
    let said = Instance { echoed: Some(digest), readied: Some(digest), ..Instance::default() };
    let tag = |at: usize| Tag {
        view: state.view,
        originator: ReplicaId::from_index(at % stage.hand.config.size()),
        seq: u32::try_from(at / stage.hand.config.size()).unwrap_or(u32::MAX),
    };
    for count in [TAGS, TAGS + 1] {
        let mut state = State { retransmit_at: *now, cursor: None, ..state.clone() };
        state.instances = (0..count).map(|at| (tag(at), said.clone())).collect();
        stage.edge("more than one turn", "broadcast.retransmit", state.clone(), (*now,));
        state.cursor = Some(tag(3));
        stage.edge("more than one turn", "broadcast.retransmit", state, (*now,));
    }
}

/// Many entries.
pub(super) fn start(stage: &mut Stage<'_>) {
    let (state, (view, payloads)) = stage.call::<State, (View, Vec<Payload>)>();
    let [report @ Payload::Report(_), entry, ..] = &payloads[..] else { return };
    const { assert!(PAYLOADS <= 1 + MAX_REPLAY) };
    let mut many = vec![entry.clone(); PAYLOADS];
    many[0] = report.clone();
    stage.edge("many entries", "broadcast.start", state.clone(), (*view, many));
}
