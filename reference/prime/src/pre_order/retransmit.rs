//! What may have been lost is sent again, from state and by what each peer lacks.

use crate::pre_order::{Effects, State};
use slots::slot;
use wire::prime::{MAX_ACKS, PoAck, PoAcks, PoAru};
use wire::{Config, Effect, List, PoSeq, ReplicaId, Time, To};

/// Most PO-Requests sent again to one peer at a time.
const REQUESTS: usize = 8;

/// Sends again what some peer seems to lack, once every `timing.retransmit`.
///
/// Nothing happens while `now < state.retransmit_at`; otherwise that becomes
/// `now + timing.retransmit`, and for every other server j, ascending, let `known[o]` be entry o of
/// the row held of j (0 without a row):
/// 1. own requests: for the lowest numbers s above `known[me]` whose slot in the own column holds a
///    `request` (8 at most), `Relay` of the request to j, ascending;
/// 2. acknowledgements: for every originator o other than j and this server, ascending, and every
///    number s above `known[o]` whose slot holds an own ack (an entry under this server's id in
///    `acks`), ascending, that ack; of all these the first `MAX_ACKS`, as one PO-Ack `Send` to j, if
///    there are any.
///
/// Finally, if `state.sent_aru` is not all zeros, the PO-ARU with `state.sent_aru` again, `Send` to
/// `To::Others`.
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
        let known = |o: ReplicaId| row.map_or(PoSeq(0), |row| row.body().vec[o.index()]);
        let own = state.columns[me.index()].slots.range(known(me).next()..);
        for request in own.filter_map(|(_, slot)| slot.request.as_ref()).take(REQUESTS) {
            effects.push(Effect::Relay { to: To::One(peer), message: request.clone().into() });
        }
        let others = config.replicas().filter(|o| *o != peer && *o != me);
        let mut acks = others.flat_map(|originator| {
            let lacking = state.columns[originator.index()].slots.range(known(originator).next()..);
            lacking.filter_map(move |(seq, slot)| {
                slot.acks.get(&me).map(|digest| PoAck { originator, seq: *seq, digest: *digest })
            })
        });
        let acks: List<PoAck, MAX_ACKS> = List::take(&mut acks);
        if !acks.is_empty() {
            effects.send(To::One(peer), PoAcks { acks });
        }
    }
    if state.sent_aru.iter().any(|entry| *entry > PoSeq(0)) {
        let vec = List::new(state.sent_aru.clone()).expect("n is at most MAX_REPLICAS");
        effects.send(To::Others, PoAru { vec });
    }
}
