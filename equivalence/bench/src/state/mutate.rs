//! Changes of a state that keep what a slot may rely on.

use super::{column, settle};
use crate::rng::Rng;
use crate::world::World;
use prime::pre_order::State;
use wire::prime::{Matrix, PoAck, PoAru, ProofMatrix};
use wire::{List, PoSeq, ReplicaId, Time, Verified};

/// Makes what lies in several places agree, as the state's documentation asks: the index of
/// updates, and what this server acknowledged with what it saw first.
pub(crate) fn tidy(state: &mut State) {
    let me = state.me;
    for update in &state.pending {
        state.preordered.insert((update.signer(), update.body().seq));
    }
    for (at, column) in state.columns.iter_mut().enumerate() {
        let own = at == me.index();
        for slot in column.slots.values_mut() {
            let request = slot.request.as_ref();
            if own {
                let adopted = slot.adopted.iter().flat_map(|content| content.body.updates.iter());
                let updates = request.into_iter().flat_map(|request| request.body().updates.iter());
                let keys = adopted.chain(updates).map(|update| (update.signer, update.body.seq));
                state.preordered.extend(keys);
            } else if slot.acks.get(&me).copied() != request.map(|request| request.digest()) {
                slot.acks.remove(&me);
            }
        }
    }
    let columns = &state.columns;
    state.unsent_acks.retain(|ack| {
        let slot = columns[ack.originator.index()].slots.get(&ack.seq);
        let first = slot.map(|slot| slot.request.as_ref().map(|request| request.digest()));
        ack.originator != me && first.is_none_or(|first| first == Some(ack.digest))
    });
}

fn change_column(rng: &mut Rng, world: &World, state: &mut State) {
    let originator = world.anyone(rng);
    let mut made = column(rng, world, state, originator);
    settle(&world.config, originator, &mut made);
    let top = made.slots.keys().next_back().copied().unwrap_or(made.aru).max(made.aru);
    state.columns[originator.index()] = made;
    if originator == state.me {
        state.last_own = state.last_own.max(top);
    }
}

/// A PO-ARU about as far as what is held of `signer`.
pub(crate) fn row_near(
    rng: &mut Rng,
    world: &World,
    state: &State,
    signer: ReplicaId,
) -> Verified<PoAru> {
    if rng.percent(40)
        && let Some(row) = rng.pick(&world.arus[signer.index()])
    {
        return row.clone();
    }
    let held = state.rows[signer.index()].as_ref();
    let mut vec: Vec<PoSeq> =
        held.map_or_else(|| vec![PoSeq(0); world.config.size()], |row| row.body().vec.to_vec());
    let changes = rng.choose([0, 1, 1, 1, 2, 2, 3]);
    let upward = rng.percent(60);
    for _ in 0..changes {
        let at = rng.index(vec.len());
        let entry = &mut vec[at].0;
        *entry = match rng.below(40) {
            0 => u64::MAX,
            1 => 0,
            _ if upward => entry.saturating_add(1 + rng.below(2)),
            _ => rng.near(*entry),
        };
    }
    world.sign_aru(signer, vec)
}

/// A matrix of rows about as far as those held.
pub(crate) fn matrix_near(rng: &mut Rng, world: &World, state: &State) -> Matrix {
    if rng.percent(25)
        && let Some(matrix) = rng.pick(&world.matrices)
    {
        return matrix.clone();
    }
    let rows = world.config.replicas().map(|id| match rng.below(10) {
        0 => None,
        1..6 => state.rows[id.index()].as_ref().map(|row| row.signed().clone()),
        _ => Some(row_near(rng, world, state, id).signed().clone()),
    });
    Matrix { rows: List::new(rows.collect()).expect("N rows") }
}

fn change_row(rng: &mut Rng, world: &World, state: &mut State) {
    let signer = world.anyone(rng);
    let row = row_near(rng, world, state, signer);
    let absent = rng.percent(25);
    state.rows[signer.index()] = if absent { None } else { Some(row) };
}

fn change_proof_matrix(rng: &mut Rng, world: &World, state: &mut State) {
    let signer = world.anyone(rng);
    let matrix = matrix_near(rng, world, state);
    state.proof_matrices[signer.index()] = Some(world.sign(signer, ProofMatrix { matrix }));
}

fn change_faulty(rng: &mut Rng, world: &World, state: &mut State) {
    let someone = world.other(rng, state.me);
    let set = if rng.percent(50) { &mut state.blacklist } else { &mut state.equivocators };
    if !set.remove(&someone) {
        set.insert(someone);
    }
}

fn change_pending(rng: &mut Rng, world: &World, state: &mut State) {
    if rng.percent(25) {
        state.pending.clear();
    }
    let most = usize::try_from(world.config.windows.pending).unwrap_or(usize::MAX);
    let more = rng.choose([1, 1, 2, 9]);
    for _ in 0..more {
        let Some(update) = rng.pick(&world.updates) else { return };
        let key = (update.signer(), update.body().seq);
        if state.pending.len() < most && state.preordered.insert(key) {
            state.pending.push_back(update.clone());
        }
    }
}

fn change_unsent(rng: &mut Rng, world: &World, state: &mut State) {
    if rng.percent(30) {
        state.unsent_acks.clear();
    }
    for _ in 0..rng.below(4) {
        let originator = world.other(rng, state.me);
        let seq = PoSeq(1 + rng.below(6));
        let first = state.slot(originator, seq).and_then(|slot| slot.request.as_ref());
        let request = first.or_else(|| rng.pick(world.contents(originator, seq)));
        let ack = request.map(|request| PoAck { originator, seq, digest: request.digest() });
        state.unsent_acks.extend(ack);
    }
}

fn change_sent(rng: &mut Rng, state: &mut State) {
    for (sent, column) in state.sent_aru.iter_mut().zip(&state.columns) {
        let aru = column.aru.0;
        *sent = PoSeq(match rng.below(6) {
            0 => aru + 1 + rng.below(2),
            1 | 2 => aru,
            3 => sent.0,
            _ => rng.below(aru + 1),
        });
    }
}

/// What was known of the others' rows when things were sent again: what they say now, or less.
pub(crate) fn change_known(rng: &mut Rng, state: &mut State) {
    for (known, row) in state.retransmit_known.iter_mut().zip(&state.rows) {
        for (at, entry) in known.iter_mut().enumerate() {
            let now = row.as_ref().map_or(PoSeq(0), |row| row.body().vec[at]);
            *entry = match rng.below(8) {
                0 => PoSeq(rng.near(now.0)),
                1 => PoSeq(0),
                2 => *entry,
                _ => now,
            };
        }
    }
}

fn change_times(rng: &mut Rng, state: &mut State, now: Time) {
    let mut about = || match rng.below(4) {
        0 => Time(now.0 + 1),
        1 => now,
        2 => Time(now.0.saturating_sub(1)),
        _ => Time(now.0.saturating_sub(5_000)),
    };
    (state.next_request_at, state.next_aru_at, state.retransmit_at) = (about(), about(), about());
    let proof = about();
    state.proof_matrix_at = if rng.percent(30) { None } else { Some(proof) };
}

/// Another server's view of the same.
fn change_me(rng: &mut Rng, world: &World, state: &mut State) {
    state.me = world.anyone(rng);
    let me = state.me;
    let mut own = column(rng, world, state, me);
    settle(&world.config, me, &mut own);
    state.last_own = own.slots.keys().next_back().copied().unwrap_or(own.aru).max(own.aru);
    if rng.percent(30) {
        state.last_own = state.last_own.next();
    }
    state.columns[me.index()] = own;
    state.blacklist.remove(&me);
    state.equivocators.remove(&me);
}

/// Changes `state` in `count` places.
pub(crate) fn mutate(rng: &mut Rng, world: &World, state: &mut State, now: Time, count: usize) {
    for _ in 0..count {
        match rng.below(20) {
            0..6 => change_column(rng, world, state),
            6..9 => change_row(rng, world, state),
            9 => change_proof_matrix(rng, world, state),
            10 | 11 => change_faulty(rng, world, state),
            12 | 13 => change_pending(rng, world, state),
            14 | 15 => change_unsent(rng, world, state),
            16 => change_sent(rng, state),
            17 if rng.percent(50) => change_known(rng, state),
            17 | 18 => change_times(rng, state, now),
            _ => change_me(rng, world, state),
        }
    }
}
