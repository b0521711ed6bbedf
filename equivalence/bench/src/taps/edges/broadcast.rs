//! Broadcasts about which servers differ, and more of them than are said again in one turn.

use super::Stage;
use prime::broadcast::{Instance, State, Tag};
use std::collections::BTreeMap;
use wire::prime::{MAX_REPLAY, Payload};
use wire::{Digest, ReplicaId, Time, View};

/// Most broadcasts that are said again in one turn, as the contract has it.
const TAGS: usize = 128;

/// Own broadcasts of one view: more than a byte counts.
const PAYLOADS: usize = 257;

/// Servers `from` on, `count` of them, who name `digest`.
fn named(from: u16, count: usize, digest: Digest) -> BTreeMap<ReplicaId, Digest> {
    (from..).map(ReplicaId).take(count).map(|id| (id, digest)).collect()
}

/// Two digests between which a choice must be made, the lower one first or last; and one that was
/// echoed, or that an Init has, while another is decided.
pub(super) fn advance(stage: &mut Stage<'_>) {
    let (state, (tag,)) = stage.call::<State, (Tag,)>();
    let Some(init) = state.instances.get(tag).and_then(|held| held.init.as_ref()) else { return };
    let (quorum, correct) = (stage.hand.config.quorum(), stage.hand.config.one_correct());
    let with = |instance: Instance| {
        let mut state = state.clone();
        state.instances.insert(*tag, instance);
        state
    };
    let own = init.digest();
    let first_of_the_others = u16::try_from(1 + correct).unwrap_or(u16::MAX);
    for other in [Digest([0; 32]), Digest([u8::MAX; 32])] {
        for (one, another) in [(own, other), (other, own)] {
            let open =
                Instance { init: Some(init.clone()), echoed: Some(own), ..Instance::default() };
            let echoes = named(1, quorum, one);
            let readies = named(1, correct, another);
            let echoed = Instance { echoes, readies, ..open.clone() };
            let mut readies = named(1, correct, one);
            readies.extend(named(first_of_the_others, correct, another));
            let readied = Instance { readies, ..open };
            stage.edge("two to be ready for", "broadcast.advance", with(echoed), (*tag,));
            stage.edge("two to be ready for", "broadcast.advance", with(readied), (*tag,));
        }
        for (echoed, decided) in [(other, own), (own, own), (own, other)] {
            for votes in [quorum - 1, quorum] {
                let instance = Instance {
                    init: Some(init.clone()),
                    readies: named(1, votes, decided),
                    echoed: Some(echoed),
                    readied: Some(decided),
                    ..Instance::default()
                };
                stage.edge("another was echoed", "broadcast.advance", with(instance), (*tag,));
            }
        }
    }
}

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
