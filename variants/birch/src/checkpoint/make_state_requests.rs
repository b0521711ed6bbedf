//! `checkpoint.make_state_requests`: who is asked for which chunk.

use prime::checkpoint::{Effects, MAX_OUTSTANDING, State, Transfer};
use std::collections::{BTreeMap, BTreeSet};
use wire::prime::{StateId, StateRequest};
use wire::{Config, ReplicaId, Seq, Time, To};

/// `all` without `some`, unless that leaves nobody.
fn rather_without(all: Vec<ReplicaId>, some: &BTreeSet<ReplicaId>) -> Vec<ReplicaId> {
    let rest: Vec<ReplicaId> = all.iter().copied().filter(|id| !some.contains(id)).collect();
    if rest.is_empty() { all } else { rest }
}

/// Moves what was asked for in vain from `asked` to `again`.
fn lapse(transfer: &mut Transfer, config: &Config, now: Time) {
    let (late, under_way): (BTreeMap<_, _>, BTreeMap<_, _>) = std::mem::take(&mut transfer.asked)
        .into_iter()
        .partition(|(_, (_, asked_at))| now >= asked_at.after(config.timing.retransmit));
    transfer.asked = under_way;
    transfer.again.extend(late.keys().copied());
    transfer.slow.extend(late.values().map(|(whom, _)| *whom));
}

/// The chunk to be asked for next, which leaves where it stood.
fn choose(transfer: &mut Transfer, named: &StateId) -> Option<u32> {
    while transfer.chunks.0.contains_key(&transfer.next) {
        transfer.next = transfer.next.checked_add(1)?;
    }
    transfer.again.pop_first().or_else(|| {
        let index = Some(transfer.next).filter(|&index| u64::from(index) < named.chunks())?;
        transfer.next = transfer.next.saturating_add(1);
        Some(index)
    })
}

/// Asks for as many chunks as may be under way.
pub fn make_state_requests(
    state: &mut State,
    config: &Config,
    now: Time,
    executed: Seq,
    effects: &mut Effects,
) {
    let me = state.me;
    let fetched = state.transfer.as_ref().and_then(|transfer| transfer.proof.checkpoints.first());
    let Some(named) = fetched.map(|vote| vote.body.state) else {
        return;
    };
    if named.seq <= executed {
        state.transfer = None;
        return;
    }
    let Some(transfer) = state.transfer.as_mut() else {
        return;
    };
    lapse(transfer, config, now);
    let others = config.replicas().filter(|&id| id != me).collect();
    let turns = rather_without(rather_without(others, &transfer.liars), &transfer.slow);
    if turns.is_empty() {
        return;
    }
    while transfer.asked.len() < MAX_OUTSTANDING {
        let Some(index) = choose(transfer, &named) else {
            return;
        };
        let Some(&whom) = turns.get(transfer.turn % turns.len()) else {
            return;
        };
        transfer.turn = transfer.turn.wrapping_add(1);
        transfer.asked.insert(index, (whom, now));
        effects.send(To::One(whom), StateRequest { state: named, index });
    }
}
