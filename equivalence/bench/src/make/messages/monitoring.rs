//! Messages of leader monitoring and of checkpoints.

use super::parts::Parts;
use wire::prime::{
    CHUNK, Checkpoint, CheckpointProof, Message, NewLeader, NewLeaderProof, RttMeasure, RttPing,
    RttPong, StateChunk, StateId, StateRequest, TatMeasure, TatUb,
};
use wire::{Blob, List, Seq, View, merkle};

/// The message of leader monitoring of this number, from 0 to 6.
pub(super) fn message(parts: &mut Parts<'_>, kind: u64) -> Message {
    let view = parts.view();
    match kind {
        0 => {
            let seq = parts.number();
            Message::RttPing(parts.by_anyone(RttPing { view, seq }))
        }
        1 => {
            let (pinger, seq) = (parts.id(), parts.number());
            let signer = parts.other(pinger);
            Message::RttPong(parts.signed(signer, RttPong { view, pinger, seq }))
        }
        2 => {
            let (to, rtt) = (parts.id(), parts.rng.below(9));
            let signer = parts.other(to);
            Message::RttMeasure(parts.signed(signer, RttMeasure { view, to, rtt }))
        }
        3 => {
            let alpha = parts.rng.draw();
            Message::TatUb(parts.by_anyone(TatUb { view, alpha }))
        }
        4 => {
            let tat = parts.rng.draw();
            Message::TatMeasure(parts.by_anyone(TatMeasure { view, tat }))
        }
        5 => {
            let view = parts.late_view();
            Message::NewLeader(parts.by_anyone(NewLeader { view }))
        }
        _ => {
            let view = parts.late_view();
            let least = usize::from(!parts.off(20));
            let mut votes = parts.votes(least, |parts| NewLeader {
                view: if parts.off(8) { View(77) } else { view },
            });
            if least == 0 {
                votes = List::empty();
            }
            Message::NewLeaderProof(parts.by_anyone(NewLeaderProof { votes }))
        }
    }
}

/// The message about checkpoints of this number, from 0 to 3.
pub(super) fn checkpoint(parts: &mut Parts<'_>, kind: u64) -> Message {
    let state = state(parts);
    match kind {
        0 => Message::Checkpoint(parts.by_anyone(Checkpoint { state })),
        1 => {
            let least = usize::from(!parts.off(20));
            let mut checkpoints = parts.votes(least, |parts| {
                let mut state = state;
                if parts.off(8) {
                    state.length ^= 1;
                }
                Checkpoint { state }
            });
            if least == 0 {
                checkpoints = List::empty();
            }
            let preceding = parts.matrix();
            Message::CheckpointProof(parts.by_anyone(CheckpointProof { checkpoints, preceding }))
        }
        2 => {
            let index = index(parts, &state);
            Message::StateRequest(parts.by_anyone(StateRequest { state, index }))
        }
        _ => {
            let index = index(parts, &state);
            let rest = state.length.saturating_sub(u64::from(index) * CHUNK as u64);
            let fits = usize::try_from(rest.min(CHUNK as u64)).unwrap_or(CHUNK);
            let size = if parts.off(30) { fits.saturating_sub(1) } else { fits };
            let bytes = Blob::new(vec![1; size]).expect("at most a chunk");
            let path = List::new(vec![parts.digest(); 2]).expect("two");
            Message::StateChunk(parts.by_anyone(StateChunk { state, index, bytes, path }))
        }
    }
}

fn state(parts: &mut Parts<'_>) -> StateId {
    let most = (CHUNK as u64) << merkle::MAX_DEPTH;
    let length = match parts.off(20) {
        true => parts.rng.choose([most + 1, u64::MAX]),
        false => {
            let few = parts.rng.choose([0, 1, 700, 5000]);
            let chunks = parts.rng.choose([0, 0, 0, 1, 2]);
            if parts.rng.percent(4) { most } else { chunks * CHUNK as u64 + few }
        }
    };
    StateId { seq: Seq(parts.number()), root: parts.digest(), length }
}

/// The last chunk's index, mostly: it is the small one.
fn index(parts: &mut Parts<'_>, state: &StateId) -> u32 {
    let last = u32::try_from(state.chunks() - 1).unwrap_or(u32::MAX);
    if parts.off(25) { last.saturating_add(1) } else { last }
}
