//! What timers bring: times about the deadline, and states with something to say.

use super::rows::matrix;
use crate::rng::Rng;
use crate::slots::Draw;
use crate::state::{change_known, settle};
use crate::world::World;
use prime::pre_order::State;
use wire::prime::{MAX_ACKS, Matrix, PoAck};
use wire::{PoSeq, ReplicaId, Time};

/// A time about `at`, mostly not before it.
fn about(draw: &mut Draw<'_>, at: Time) -> Time {
    match draw.rng.below(10) {
        0 => Time(at.0.saturating_sub(1)),
        1 => Time(at.0.saturating_sub(1_000)),
        2..5 => at,
        5 => Time(at.0.saturating_add(1)),
        _ => draw.now.max(at),
    }
}

/// When a PO-Request may go out, or nearly.
pub(crate) fn request_time(draw: &mut Draw<'_>) -> Time {
    about(draw, draw.state.next_request_at)
}

/// When a PO-ARU may go out, or nearly.
pub(crate) fn aru_time(draw: &mut Draw<'_>) -> Time {
    about(draw, draw.state.next_aru_at)
}

/// When things may be sent again, or nearly.
pub(crate) fn retransmit_time(draw: &mut Draw<'_>) -> Time {
    about(draw, draw.state.retransmit_at)
}

/// A time about that of the next Proof-Matrix, the leader, and what was proposed.
pub(crate) fn proof_time(draw: &mut Draw<'_>) -> (Time, ReplicaId, Matrix) {
    let at = draw.state.proof_matrix_at.unwrap_or(draw.now);
    let now = about(draw, at);
    let me = draw.state.me;
    let leader = if draw.rng.percent(15) { me } else { draw.world.other(draw.rng, me) };
    (now, leader, matrix(draw))
}

/// Often has rows that make something eligible.
pub(crate) fn with_proof_time(rng: &mut Rng, world: &World, state: &mut State, now: Time) {
    let about = rng.choose([now, Time(now.0 + 1), Time(now.0.saturating_sub(1))]);
    state.proof_matrix_at = if rng.percent(35) { None } else { Some(about) };
    if rng.percent(60) {
        let most = 1 + rng.below(4);
        for id in world.config.replicas() {
            let vec = (0..world.config.size()).map(|_| PoSeq(rng.below(3) + most - 1)).collect();
            state.rows[id.index()] = Some(world.sign_aru(id, vec));
        }
    }
}

/// Often has acknowledgements that wait, now and then more than one message carries.
pub(crate) fn with_unsent_acks(rng: &mut Rng, world: &World, state: &mut State, _now: Time) {
    let wanted = match rng.below(600) {
        0 => rng.choose([MAX_ACKS - 1, MAX_ACKS, MAX_ACKS + 1, 2 * MAX_ACKS, 2 * MAX_ACKS + 1]),
        1..400 => 1 + rng.index(5),
        _ => return,
    };
    if wanted > 5 {
        state.unsent_acks.clear();
    }
    // Numbers that no slot has: acknowledged before they were retired, or never kept.
    let mut seq = PoSeq(1_000);
    for _ in 0..wanted {
        let originator = world.other(rng, state.me);
        let digest = World::no_digest(rng);
        state.unsent_acks.push(PoAck { originator, seq, digest });
        seq = seq.next();
    }
}

/// Often has a prefix that grew since it was announced.
pub(crate) fn with_grown_aru(rng: &mut Rng, _world: &World, state: &mut State, _now: Time) {
    if rng.percent(30) {
        return;
    }
    for (sent, column) in state.sent_aru.iter_mut().zip(&state.columns) {
        *sent = match rng.below(8) {
            0 => column.aru.next(),
            1 => PoSeq(column.aru.0.saturating_sub(2)),
            2 | 3 => PoSeq(column.aru.0.saturating_sub(1)),
            _ => column.aru,
        };
    }
}

/// Mostly has updates that wait and room for a request; now and then more than one request holds.
pub(crate) fn with_waiting_updates(rng: &mut Rng, world: &World, state: &mut State, _now: Time) {
    let own = &state.columns[state.me.index()];
    let top = own.slots.keys().next_back().copied().unwrap_or(own.aru).max(own.aru).0;
    let edge = own.retired.0 + world.config.windows.preorder.div_ceil(2);
    state.last_own = PoSeq(match rng.below(10) {
        0 => edge.max(top),
        1 => edge.saturating_sub(1).max(top),
        _ => top,
    });
    let most = usize::try_from(world.config.windows.pending).unwrap_or(usize::MAX);
    let wide = most > wire::prime::MAX_BATCH;
    let large = wide && rng.percent(40);
    let wanted = match rng.below(10) {
        0 => 0,
        1..6 if wide => rng.choose([255, 256, 257, 300]),
        _ => 1 + rng.index(most.min(4)),
    };
    let pool = if large { &world.large_updates } else { &world.updates };
    let start = rng.index(pool.len());
    let turn = pool[start..].iter().chain(&pool[..start]);
    state.pending.clear();
    let wanted = if large { pool.len() } else { wanted };
    for update in turn.cycle().take(4 * pool.len()) {
        if state.pending.len() >= wanted {
            break;
        }
        let fresh = state.preordered.insert((update.signer(), update.body().seq));
        // In a wide world the pool has too few different ones to fill a batch.
        if fresh || wide || rng.percent(50) {
            state.pending.push_back(update.clone());
        }
    }
}

/// Mostly has peers that are stuck where they were.
pub(crate) fn with_stuck_peers(rng: &mut Rng, world: &World, state: &mut State, _now: Time) {
    if rng.percent(70) {
        change_known(rng, state);
    }
    let me = state.me;
    for (at, column) in state.columns.iter_mut().enumerate() {
        for slot in column.slots.values_mut().filter(|_| at != me.index()) {
            // What this server saw first it has acknowledged, mostly.
            if let Some(request) = slot.request.as_ref().filter(|_| rng.percent(70)) {
                slot.acks.insert(me, request.digest());
            }
        }
    }
    for originator in world.config.replicas() {
        settle(&world.config, originator, &mut state.columns[originator.index()]);
    }
}
