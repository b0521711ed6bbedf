//! Chunks of a state are asked for.

use prime::checkpoint::{Effects, MAX_OUTSTANDING, State, Transfer};
use wire::prime::StateRequest;
use wire::{Config, ReplicaId, Seq, Time, To};

/// What was asked for `patience` ago or longer is to be asked for again, of somebody else.
fn lapse(transfer: &mut Transfer, now: Time, patience: u64) {
    let mut lapsed: Vec<(u32, ReplicaId)> = Vec::with_capacity(transfer.asked.len());
    for (&index, &(server, asked_at)) in &transfer.asked {
        if now >= asked_at && now.0 - asked_at.0 >= patience {
            lapsed.push((index, server));
        }
    }
    for (index, server) in lapsed {
        transfer.asked.remove(&index);
        transfer.again.insert(index);
        transfer.slow.insert(server);
    }
}

/// Whose turn it may be, ascending. Empty only if there is nobody else.
fn candidates(transfer: &Transfer, config: &Config, me: ReplicaId) -> Vec<ReplicaId> {
    let mut others: Vec<ReplicaId> = Vec::with_capacity(config.size());
    let mut honest: Vec<ReplicaId> = Vec::with_capacity(config.size());
    for number in 1..=config.n {
        let id = ReplicaId(number);
        if id != me {
            others.push(id);
            if !transfer.liars.contains(&id) {
                honest.push(id);
            }
        }
    }
    let base = if honest.is_empty() { others } else { honest };
    let mut quick: Vec<ReplicaId> = Vec::with_capacity(base.len());
    for &id in &base {
        if !transfer.slow.contains(&id) {
            quick.push(id);
        }
    }
    if quick.is_empty() { base } else { quick }
}

/// Asks for chunks of the state being fetched, as many as may be under way.
pub fn make_state_requests(
    state: &mut State,
    config: &Config,
    now: Time,
    executed: Seq,
    effects: &mut Effects,
) {
    let me = state.me;
    let Some(transfer) = &mut state.transfer else {
        return;
    };
    let Some(first) = transfer.proof.checkpoints.first() else {
        return;
    };
    let wanted = first.body.state;
    if wanted.seq <= executed {
        state.transfer = None;
        return;
    }
    let chunks = wanted.chunks();

    lapse(transfer, now, config.timing.retransmit);

    let pool = candidates(transfer, config, me);
    if pool.is_empty() {
        return;
    }
    while transfer.asked.len() < MAX_OUTSTANDING {
        while transfer.next < u32::MAX && transfer.chunks.0.contains_key(&transfer.next) {
            transfer.next += 1;
        }
        let index = if let Some(lowest) = transfer.again.pop_first() {
            lowest
        } else if u64::from(transfer.next) < chunks && transfer.next < u32::MAX {
            transfer.next += 1;
            transfer.next - 1
        } else {
            return;
        };
        let Some(&server) = pool.get(transfer.turn % pool.len()) else {
            return;
        };
        transfer.turn = transfer.turn.wrapping_add(1);
        effects.send(To::One(server), StateRequest { state: wanted, index });
        transfer.asked.insert(index, (server, now));
    }
}
