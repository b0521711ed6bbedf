//! Promises are said again after a restart.

use prime::pre_order::{Effects, State, advance_aru};
use wire::prime::{PoAck, PoAru};
use wire::{Config, List, To};

/// Closes gaps, queues acknowledgements, repeats own requests, repeats the PO-ARU.
pub fn resume(state: &mut State, config: &Config, effects: &mut Effects) {
    config.replicas().for_each(|originator| advance_aru(state, config, originator));
    for originator in config.replicas() {
        if originator == state.me {
            repeat_requests(state, effects);
        } else {
            queue_acks(state, originator);
        }
    }
    let announced = state.sent_aru.iter().filter(|seq| seq.0 > 0).count();
    if announced > 0 {
        let vec = List::new(state.sent_aru.clone()).expect("one entry a replica");
        effects.send(To::All, PoAru { vec });
    }
}

fn repeat_requests(state: &State, effects: &mut Effects) {
    for slot in state.columns[state.me.index()].slots.values() {
        if let (None, Some(own)) = (&slot.request, &slot.adopted) {
            effects.send(To::All, (*own.body).clone());
        }
    }
}

fn queue_acks(state: &mut State, originator: wire::ReplicaId) {
    let mut acks = Vec::new();
    for (seq, slot) in &state.columns[originator.index()].slots {
        if let Some(request) = &slot.request {
            acks.push(PoAck { originator, seq: *seq, digest: request.digest() });
        }
    }
    state.unsent_acks.append(&mut acks);
}
