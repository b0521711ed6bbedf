//! What may have been lost is sent again, from state and by what each peer lacks.

use crate::pre_order::{Effects, State};
use slots::slot;
use wire::prime::{MAX_ACKS, MAX_BATCH_BYTES, PoAck, PoAcks, PoAru};
use wire::{Config, Effect, List, PoSeq, ReplicaId, Time, To};

/// Most PO-Requests sent again to one peer at a time.
const REQUESTS: usize = 8;

/// Sends again what some peer seems to lack, once every `timing.retransmit`.
///
/// Nothing happens while `now < state.retransmit_at`; otherwise that becomes
/// `now + timing.retransmit`. For every other server j, ascending, let `known[o]` be entry o of the
/// row held of j (0 without a row), and call o *stuck* if `known[o]` equals
/// `state.retransmit_known[j][o]`, which then becomes `known[o]`, for every o. Then:
/// 1. own requests, if this server's own column is stuck: of the slots in it with numbers above
///    `known[me]` that hold a `request`, ascending, at most 8, and no more after the one that
///    brings their payload bytes together to `MAX_BATCH_BYTES` or above: `Relay` of each to j;
/// 2. acknowledgements: for every originator o other than this server that is stuck, ascending (j
///    included: an originator needs the others' acks for its own column), of the slots with numbers
///    above `known[o]` that hold an own ack (an entry under this server's id in `acks`), the lowest
///    `MAX_ACKS / N`, ascending, that ack; all of these as one PO-Ack `Send` to j, if there are any.
///
/// After all peers, if `state.sent_aru` is not all zeros, the PO-ARU with `state.sent_aru` again,
/// `Send` to `To::Others`.
///
/// Invariant: says nothing that was not said before.
/// Paper: none; the report assumes channels that do not lose. Deviation: none.
#[slot(pre_order.retransmit)]
pub fn retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    if now < state.retransmit_at {
        return;
    }
    state.retransmit_at = now.after(config.timing.retransmit);
    let me = state.me;
    for peer in config.replicas().filter(|peer| *peer != me) {
        let row = state.rows[peer.index()].as_ref();
        let nothing = vec![PoSeq(0); config.size()];
        let known = row.map_or(nothing, |row| row.body().vec.to_vec());
        let before = std::mem::replace(&mut state.retransmit_known[peer.index()], known.clone());
        let stuck = |o: ReplicaId| known[o.index()] == before[o.index()];
        if stuck(me) {
            requests_again(state, peer, known[me.index()], effects);
        }
        let others = config.replicas().filter(|o| *o != me && stuck(*o));
        let acks = others.flat_map(|o| acks_again(state, config, o, known[o.index()]));
        let acks: List<PoAck, MAX_ACKS> = List::take(&mut acks.into_iter());
        if !acks.is_empty() {
            effects.send(To::One(peer), PoAcks { acks });
        }
    }
    if state.sent_aru.iter().any(|entry| *entry > PoSeq(0)) {
        let vec = List::new(state.sent_aru.clone()).expect("n is at most MAX_REPLICAS");
        effects.send(To::Others, PoAru { vec });
    }
}

fn requests_again(state: &State, peer: ReplicaId, known: PoSeq, effects: &mut Effects) {
    let lacking = state.columns[state.me.index()].slots.range(known.next()..);
    let mut bytes = 0;
    for request in lacking.filter_map(|(_, slot)| slot.request.as_ref()).take(REQUESTS) {
        effects.push(Effect::Relay { to: To::One(peer), message: request.clone().into() });
        bytes += request.body().updates.iter().map(|held| held.body.payload.len()).sum::<usize>();
        if bytes >= MAX_BATCH_BYTES {
            return;
        }
    }
}

fn acks_again(state: &State, config: &Config, originator: ReplicaId, known: PoSeq) -> Vec<PoAck> {
    let lacking = state.columns[originator.index()].slots.range(known.next()..);
    let own = lacking.filter_map(|(seq, slot)| {
        slot.acks.get(&state.me).map(|digest| PoAck { originator, seq: *seq, digest: *digest })
    });
    own.take(MAX_ACKS / config.size()).collect()
}
