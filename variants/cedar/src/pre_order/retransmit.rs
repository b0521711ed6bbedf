//! What peers seem to lack, as a list of errands.

use prime::pre_order::{Effects, State};
use wire::prime::{MAX_ACKS, MAX_BATCH_BYTES, PoAck, PoAcks, PoAru, PoRequest};
use wire::{Config, Effect, List, PoSeq, ReplicaId, Time, To, Verified};

/// What is to be sent again.
enum Errand {
    Request(ReplicaId, Verified<PoRequest>),
    Acks(ReplicaId, Vec<PoAck>),
    Aru(Vec<PoSeq>),
}

/// Draws up all errands first, then runs them.
pub fn retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    if state.retransmit_at > now {
        return;
    }
    state.retransmit_at = now.after(config.timing.retransmit);
    let mut errands = Vec::new();
    for peer in config.replicas() {
        if peer != state.me {
            draw_up(state, config, peer, &mut errands);
        }
    }
    if state.sent_aru.iter().map(|seq| seq.0).max() > Some(0) {
        errands.push(Errand::Aru(state.sent_aru.clone()));
    }
    for errand in errands {
        run(errand, effects);
    }
}

fn draw_up(state: &mut State, config: &Config, peer: ReplicaId, errands: &mut Vec<Errand>) {
    let known: Vec<PoSeq> = match &state.rows[peer.index()] {
        Some(row) => row.body().vec.to_vec(),
        None => vec![PoSeq(0); config.size()],
    };
    let before = std::mem::replace(&mut state.retransmit_known[peer.index()], known.clone());
    let mut acks = Vec::new();
    for (index, (upto, earlier)) in known.iter().zip(&before).enumerate() {
        if upto != earlier {
            continue;
        }
        let originator = ReplicaId::from_index(index);
        if originator == state.me {
            requests(state, peer, *upto, errands);
        } else {
            own_acks(state, originator, *upto, MAX_ACKS / config.size(), &mut acks);
        }
    }
    if !acks.is_empty() {
        errands.push(Errand::Acks(peer, acks));
    }
}

fn requests(state: &State, peer: ReplicaId, upto: PoSeq, errands: &mut Vec<Errand>) {
    let (mut count, mut bytes) = (0, 0);
    for (seq, slot) in &state.columns[state.me.index()].slots {
        let Some(request) = slot.request.as_ref().filter(|_| *seq > upto) else { continue };
        if count == 8 || bytes >= MAX_BATCH_BYTES {
            break;
        }
        count += 1;
        for update in request.body().updates.iter() {
            bytes += update.body.payload.len();
        }
        errands.push(Errand::Request(peer, request.clone()));
    }
}

fn own_acks(state: &State, originator: ReplicaId, upto: PoSeq, most: usize, acks: &mut Vec<PoAck>) {
    let full = acks.len() + most;
    for (seq, slot) in &state.columns[originator.index()].slots {
        if acks.len() == full {
            break;
        }
        if let Some(digest) = slot.acks.get(&state.me).filter(|_| *seq > upto) {
            acks.push(PoAck { originator, seq: *seq, digest: *digest });
        }
    }
}

fn run(errand: Errand, effects: &mut Effects) {
    match errand {
        Errand::Request(peer, request) => {
            effects.push(Effect::Relay { to: To::One(peer), message: request.into() });
        }
        Errand::Acks(peer, acks) => {
            let acks = List::new(acks).expect("shares add up to the cap at most");
            effects.send(To::One(peer), PoAcks { acks });
        }
        Errand::Aru(vec) => {
            let vec = List::new(vec).expect("one entry a replica");
            effects.send(To::Others, PoAru { vec });
        }
    }
}
