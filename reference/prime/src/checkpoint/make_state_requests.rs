//! Chunks are asked for, from several servers in turn.

use crate::checkpoint::{Effects, MAX_OUTSTANDING, State, Transfer};
use slots::slot;
use wire::prime::StateRequest;
use wire::{Config, ReplicaId, Seq, Time, To};

/// Asks for chunks of the state being fetched, as many as may be under way.
///
/// Nothing happens if none is being fetched. If its number is at or below `executed`, which is how
/// far this server has executed, the transfer is dropped, and nothing else happens: own execution has
/// overtaken it. Otherwise:
/// 1. each entry of `asked` that is `timing.retransmit` old or older at `now` moves to `again`, and whom
///    it was asked of becomes `slow`;
/// 2. while `asked` has fewer than `MAX_OUTSTANDING` entries: `next` passes over the chunks that are
///    here (they came unasked); then the lowest of `again` (it leaves `again`), else chunk `next` if it
///    is one of the state's (indices are from 0 to below `StateId::chunks`; then `next` grows by one),
///    is asked of the server whose turn it is, as a `Send` of a State-Request to it alone, and enters
///    `asked` with that server and `now`; with neither this ends.
///
/// The turn goes round the other servers, ascending, without `liars` (if that leaves nobody, with
/// them: more than f lied, or did we?) and without `slow` ones (if that leaves anybody), as they are
/// after step 1: the one at place `turn` modulo their number, from 0, is asked; then `turn` grows by
/// one. Without any other server (N = 1) step 2 is left out, so that `next` stays, too.
///
/// Invariant: at most `MAX_OUTSTANDING` requests are under way, and none for a chunk that is here.
/// Paper: none. Deviation: none.
#[slot(checkpoint.make_state_requests)]
pub fn make_state_requests(
    state: &mut State,
    config: &Config,
    now: Time,
    executed: Seq,
    effects: &mut Effects,
) {
    let me = state.me;
    state.transfer.take_if(|transfer| transfer.state().seq <= executed);
    let Some(transfer) = &mut state.transfer else { return };
    let late = |at: Time| now.since(at) >= config.timing.retransmit;
    let lapsed: Vec<_> = transfer
        .asked
        .iter()
        .filter(|(_, (_, at))| late(*at))
        .map(|(index, (of, _))| (*index, *of))
        .collect();
    for (index, of) in lapsed {
        transfer.asked.remove(&index);
        transfer.again.insert(index);
        transfer.slow.insert(of);
    }
    let name = transfer.state();
    let servers = servers(config, me, transfer);
    if servers.is_empty() {
        return;
    }
    while transfer.asked.len() < MAX_OUTSTANDING {
        while transfer.chunks.0.contains_key(&transfer.next) {
            transfer.next += 1;
        }
        let index = match transfer.again.pop_first() {
            Some(index) => index,
            None if u64::from(transfer.next) < name.chunks() => {
                transfer.next += 1;
                transfer.next - 1
            }
            None => return,
        };
        let server = servers[transfer.turn % servers.len()];
        transfer.turn = transfer.turn.wrapping_add(1);
        transfer.asked.insert(index, (server, now));
        effects.send(To::One(server), StateRequest { state: name, index });
    }
}

/// Who is asked, ascending.
fn servers(config: &Config, me: ReplicaId, transfer: &Transfer) -> Vec<ReplicaId> {
    let others: Vec<_> = config.replicas().filter(|id| *id != me).collect();
    let honest: Vec<_> = others.iter().filter(|id| !transfer.liars.contains(id)).copied().collect();
    let willing: Vec<_> = honest.iter().filter(|id| !transfer.slow.contains(id)).copied().collect();
    [willing, honest, others].into_iter().find(|ids| !ids.is_empty()).unwrap_or_default()
}
