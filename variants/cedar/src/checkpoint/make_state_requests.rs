//! Asks for chunks of the state being fetched.

use std::collections::BTreeSet;

use prime::checkpoint::{MAX_OUTSTANDING, State, Transfer};
use prime::view_change::Effects;
use wire::prime::StateRequest;
use wire::{Config, ReplicaId, Seq, Time, To};

/// Gives lapsed requests up and asks for as many chunks as may be under way.
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
    let Some(name) = transfer.proof.checkpoints.first().map(|vote| vote.body.state) else {
        return;
    };
    if name.seq <= executed {
        state.transfer = None;
        return;
    }
    lapse(transfer, config.timing.retransmit, now);
    let servers = servers(config, me, transfer);
    let mut room = MAX_OUTSTANDING.saturating_sub(transfer.asked.len());
    while room > 0 {
        let Some(server) = transfer
            .turn
            .checked_rem(servers.len())
            .and_then(|place| servers.get(place).copied())
        else {
            return;
        };
        let Some(index) = next(transfer, name.chunks()) else {
            return;
        };
        transfer.turn = transfer.turn.wrapping_add(1);
        transfer.asked.insert(index, (server, now));
        effects.send(To::One(server), StateRequest { state: name, index });
        room -= 1;
    }
}

/// What was asked for in vain is asked for again, of others if possible.
fn lapse(transfer: &mut Transfer, pause: u64, now: Time) {
    let Transfer { asked, again, slow, .. } = transfer;
    asked.retain(|index, (server, at)| {
        let waits = now.0 < at.0.saturating_add(pause);
        if !waits {
            again.insert(*index);
            slow.insert(*server);
        }
        waits
    });
}

/// Who may be asked, ascending.
fn servers(config: &Config, me: ReplicaId, transfer: &Transfer) -> Vec<ReplicaId> {
    let besides = |left_out: &[&BTreeSet<ReplicaId>]| -> Vec<ReplicaId> {
        config
            .replicas()
            .filter(|server| *server != me && left_out.iter().all(|set| !set.contains(server)))
            .collect()
    };
    let quick = besides(&[&transfer.liars, &transfer.slow]);
    if quick.is_empty() { besides(&[&transfer.liars]) } else { quick }
}

/// The next chunk to be asked for.
fn next(transfer: &mut Transfer, count: u64) -> Option<u32> {
    while let Some(index) = transfer.again.pop_first() {
        let of_use = u64::from(index) < count
            && !transfer.chunks.0.contains_key(&index)
            && !transfer.asked.contains_key(&index);
        if of_use {
            return Some(index);
        }
    }
    while u64::from(transfer.next) < count {
        let index = transfer.next;
        let following = index.checked_add(1)?;
        transfer.next = following;
        if !transfer.chunks.0.contains_key(&index) && !transfer.asked.contains_key(&index) {
            return Some(index);
        }
    }
    None
}
