//! Arguments, drawn so that most calls change something and every boundary is met.

mod acks;
mod contents;
mod log;
pub(crate) mod messages;
mod proofs;
mod requests;
mod rows;
pub(crate) mod scopes;
mod timers;

pub(crate) use acks::acks;
pub(crate) use contents::{adopted, lone_slot, owned_slot, unsettle};
pub(crate) use log::{executed, log_record, recovering};
pub(crate) use proofs::{aru_conflict, request_conflict};
pub(crate) use requests::{request, update, with_crowded_queue};
pub(crate) use rows::{aru, cover, matrix, proof_matrix, row, vectors};
pub(crate) use timers::{
    aru_time, proof_time, request_time, retransmit_time, with_grown_aru, with_proof_time,
    with_stuck_peers, with_unsent_acks, with_waiting_updates,
};

use crate::rng::Rng;
use crate::slots::Draw;
use crate::world::World;
use prime::pre_order::State;
use wire::{PoSeq, ReplicaId, Time};

/// Leaves the state as it is.
pub(crate) fn as_it_is(_rng: &mut Rng, _world: &World, _state: &mut State, _now: Time) {}

/// No arguments.
pub(crate) fn nothing(_draw: &mut Draw<'_>) {}

/// Any server.
pub(crate) fn anyone(draw: &mut Draw<'_>) -> ReplicaId {
    draw.world.anyone(draw.rng)
}

/// A number for `originator`: about the places where something is decided.
pub(crate) fn number(draw: &mut Draw<'_>, originator: ReplicaId) -> PoSeq {
    let column = &draw.state.columns[originator.index()];
    let edge = column.retired.0.saturating_add(draw.world.config.windows.preorder);
    let rng = &mut *draw.rng;
    let at = rng.index(column.slots.len());
    PoSeq(match rng.below(100) {
        0..34 => column.slots.keys().nth(at).map_or(column.aru.0 + 1, |seq| seq.0),
        34..64 => column.aru.0 + 1,
        64..76 => column.aru.0 + 2 + rng.below(2),
        76..80 => column.retired.0,
        80..84 => column.retired.0 + 1,
        84..88 => edge,
        88..93 => edge + 1,
        93..96 => column.aru.0,
        96..98 => u64::MAX,
        98 => 1,
        _ => 0,
    })
}
