//! What a peer seems to lack is sent again.

use prime::pre_order::{Column, Effects, State};
use std::iter::repeat;
use std::ops::Bound::{Excluded, Unbounded};
use wire::prime::{Incoming, MAX_ACKS, MAX_BATCH_BYTES, PoAck, PoAcks, PoAru, PoRequest};
use wire::{Config, Effect, List, PoSeq, ReplicaId, Time, To, Verified};

/// Most requests of one's own that one peer is sent at once.
const MAX_REQUESTS: usize = 8;

/// Once a period, sends every peer own requests and acknowledgements for the columns in which
/// its row has stood still since the last time, and repeats the last PO-ARU.
pub fn retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    if now >= state.retransmit_at {
        let known = known(state, config);
        config
            .replicas()
            .zip(state.retransmit_known.iter().zip(&known))
            .filter(|(peer, _)| *peer != state.me)
            .for_each(|(peer, (before, known))| {
                help(state, config, peer, &stuck(config, before, known), effects);
            });
        state.retransmit_known = known;
        state.retransmit_at = now.after(config.timing.retransmit);
        if state.sent_aru.iter().any(|entry| *entry != PoSeq(0)) {
            let vec = List::take(&mut state.sent_aru.iter().copied());
            effects.send(To::Others, PoAru { vec });
        }
    }
}

/// By server, the vector of the row held of it; this server's own stays as it was.
fn known(state: &State, config: &Config) -> Vec<Vec<PoSeq>> {
    let rows = state.rows.iter().zip(&state.retransmit_known);
    config
        .replicas()
        .zip(rows)
        .map(|(peer, (row, before))| {
            let vec = row.as_ref().map_or(&[][..], |row| &row.body().vec);
            let vec = if peer == state.me { &before[..] } else { vec };
            vec.iter().copied().chain(repeat(PoSeq(0))).take(config.size()).collect()
        })
        .collect()
}

/// The originators whose entry stands still, ascending, each with the entry.
fn stuck(config: &Config, before: &[PoSeq], known: &[PoSeq]) -> Vec<(ReplicaId, PoSeq)> {
    config
        .replicas()
        .zip(before.iter().zip(known))
        .filter(|(_, (before, known))| before == known)
        .map(|(originator, (_, known))| (originator, *known))
        .collect()
}

/// Sends one peer what is due to it, requests first.
fn help(
    state: &State,
    config: &Config,
    peer: ReplicaId,
    stuck: &[(ReplicaId, PoSeq)],
    effects: &mut Effects,
) {
    stuck
        .iter()
        .filter(|(originator, _)| *originator == state.me)
        .flat_map(|(originator, known)| requests(&state.columns[originator.index()], *known))
        .map(|request| Incoming::from(request.clone()))
        .for_each(|message| effects.push(Effect::Relay { to: To::One(peer), message }));

    let mut acks = stuck.iter().filter(|(originator, _)| *originator != state.me).flat_map(
        |(originator, known)| own_acks(state, *originator, *known).take(MAX_ACKS / config.size()),
    );
    Some(PoAcks { acks: List::take(&mut acks) })
        .filter(|message| !message.acks.is_empty())
        .into_iter()
        .for_each(|message| effects.send(To::One(peer), message));
}

/// The requests above `known`, up to and with the one that makes them too many or too large.
fn requests(column: &Column, known: PoSeq) -> impl Iterator<Item = &Verified<PoRequest>> {
    column
        .slots
        .range((Excluded(known), Unbounded))
        .filter_map(|(_, slot)| slot.request.as_ref())
        .scan(0_usize, |bytes, request| {
            let before = *bytes;
            *bytes += payload(request.body());
            (before < MAX_BATCH_BYTES).then_some(request)
        })
        .take(MAX_REQUESTS)
}

/// Bytes of payload in a request.
fn payload(request: &PoRequest) -> usize {
    request.updates.iter().map(|update| update.body.payload.len()).sum()
}

/// This server's own acknowledgements for `originator` above `known`, ascending.
fn own_acks(state: &State, originator: ReplicaId, known: PoSeq) -> impl Iterator<Item = PoAck> {
    state.columns[originator.index()].slots.range((Excluded(known), Unbounded)).filter_map(
        move |(seq, slot)| {
            let digest = slot.acks.get(&state.me).copied();
            digest.map(|digest| PoAck { originator, seq: *seq, digest })
        },
    )
}
