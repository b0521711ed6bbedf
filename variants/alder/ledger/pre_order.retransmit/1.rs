//! What some peer seems to lack is sent again.

use prime::pre_order::{Effects, State};
use std::ops::Bound::{Excluded, Unbounded};
use wire::config::MAX_REPLICAS;
use wire::prime::{Incoming, MAX_ACKS, MAX_BATCH_BYTES, PoAck, PoAcks, PoAru};
use wire::{Config, Effect, List, PoSeq, ReplicaId, Time, To};

/// Most own requests that are sent to one peer at once.
const MOST_REQUESTS: usize = 8;

/// What one peer has announced.
struct Peer {
    /// By originator, up to where.
    known: [PoSeq; MAX_REPLICAS],
    /// Bit o is set if that has not moved since the last time.
    stuck: u64,
}

/// Once every interval, sends each peer own requests and own acknowledgements just above where its
/// announced vector stands still, and repeats the last PO-ARU to all others.
pub fn retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    if now < state.retransmit_at {
        return;
    }
    state.retransmit_at = now.after(config.timing.retransmit);
    let me = state.me.index();
    for j in 0..config.size() {
        if j == me {
            continue;
        }
        let peer = look_at(state, config, j);
        let to = To::One(ReplicaId::from_index(j));
        if peer.stuck >> me & 1 == 1 {
            relay_requests(state, peer.known[me], to, effects);
        }
        let acks = gather_acks(state, config, &peer);
        if acks.is_empty() {
            continue;
        }
        match List::new(acks) {
            Ok(acks) => effects.send(to, PoAcks { acks }),
            Err(_) => unreachable!("MAX_ACKS / N for each of fewer than N originators"),
        }
    }
    repeat_aru(state, effects);
}

/// Reads the row held of peer j, and remembers it for the next time.
fn look_at(state: &mut State, config: &Config, j: usize) -> Peer {
    let mut peer = Peer { known: [PoSeq(0); MAX_REPLICAS], stuck: 0 };
    for o in 0..config.size() {
        match &state.rows[j] {
            Some(row) if o < row.body().vec.len() => peer.known[o] = row.body().vec[o],
            _ => {}
        }
        let last = &mut state.retransmit_known[j][o];
        if *last == peer.known[o] {
            peer.stuck |= 1 << o;
        }
        *last = peer.known[o];
    }
    peer
}

/// Passes on the lowest own requests above `known`.
fn relay_requests(state: &State, known: PoSeq, to: To, effects: &mut Effects) {
    let mut count = 0;
    let mut bytes = 0;
    let column = &state.columns[state.me.index()];
    for (_, slot) in column.slots.range((Excluded(known), Unbounded)) {
        let request = match &slot.request {
            Some(request) => request,
            None => continue,
        };
        for update in request.body().updates.iter() {
            bytes += update.body.payload.len();
        }
        count += 1;
        effects.push(Effect::Relay { to, message: Incoming::PoRequest(request.clone()) });
        if count == MOST_REQUESTS || bytes >= MAX_BATCH_BYTES {
            break;
        }
    }
}

/// The lowest own acknowledgements in every other column where the peer is stuck.
fn gather_acks(state: &State, config: &Config, peer: &Peer) -> Vec<PoAck> {
    let n = config.size();
    let share = MAX_ACKS / n;
    let mut acks = Vec::new();
    for o in 0..n {
        if o == state.me.index() || peer.stuck >> o & 1 == 0 {
            continue;
        }
        let originator = ReplicaId::from_index(o);
        let full = acks.len() + share;
        for (&seq, slot) in state.columns[o].slots.range((Excluded(peer.known[o]), Unbounded)) {
            if acks.len() == full {
                break;
            }
            match slot.acks.get(&state.me) {
                Some(&digest) => acks.push(PoAck { originator, seq, digest }),
                None => {}
            }
        }
    }
    acks
}

fn repeat_aru(state: &State, effects: &mut Effects) {
    for entry in state.sent_aru.iter() {
        if entry.0 == 0 {
            continue;
        }
        match List::new(state.sent_aru.clone()) {
            Ok(vec) => effects.send(To::Others, PoAru { vec }),
            Err(_) => unreachable!("a cluster has at most MAX_REPLICAS servers"),
        }
        return;
    }
}
