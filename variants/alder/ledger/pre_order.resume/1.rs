//! What was promised before the restart is said again.

use prime::pre_order::{Effects, State, advance_aru};
use wire::prime::{PoAck, PoAru};
use wire::{Config, List, ReplicaId, To};

/// Certifies what the log allows, queues the acknowledgements of all requests held, sends own
/// requests that have not come back, and repeats the last PO-ARU.
pub fn resume(state: &mut State, config: &Config, effects: &mut Effects) {
    let n = state.columns.len();
    for o in 0..n {
        advance_aru(state, config, ReplicaId::from_index(o));
    }
    for o in 0..n {
        if ReplicaId::from_index(o) == state.me {
            send_own(state, o, effects);
        } else {
            acknowledge(state, o);
        }
    }
    let mut grown = false;
    for entry in state.sent_aru.iter() {
        if entry.0 > 0 {
            grown = true;
            break;
        }
    }
    if !grown {
        return;
    }
    match List::new(state.sent_aru.clone()) {
        Ok(vec) => effects.send(To::All, PoAru { vec }),
        Err(_) => unreachable!("a cluster has at most MAX_REPLICAS servers"),
    }
}

/// Queues an acknowledgement of every request held of another originator.
fn acknowledge(state: &mut State, o: usize) {
    let originator = ReplicaId::from_index(o);
    for (&seq, slot) in state.columns[o].slots.iter() {
        match &slot.request {
            Some(request) => {
                let digest = request.digest();
                state.unsent_acks.push(PoAck { originator, seq, digest });
            }
            None => {}
        }
    }
}

/// Sends every own request that was promised but is not there signed.
fn send_own(state: &State, o: usize, effects: &mut Effects) {
    for (_, slot) in state.columns[o].slots.iter() {
        match (&slot.request, &slot.adopted) {
            (None, Some(promised)) => effects.send(To::All, (*promised.body).clone()),
            _ => {}
        }
    }
}
