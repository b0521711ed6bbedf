//! What peers lack is drawn up for all of them first, from how far each got since the last time.

use prime::pre_order::{Column, Effects, PoSlot, State};
use std::ops::Bound;
use wire::prime::{Incoming, MAX_ACKS, MAX_BATCH_BYTES, PoAck, PoAcks, PoAru, PoRequest};
use wire::{Config, Effect, List, PoSeq, ReplicaId, Time, To, Verified};

/// Most own requests that are relayed to one peer at a time.
const MAX_RELAYS: usize = 8;

/// One peer and what is known of it.
struct Peer<'a> {
    state: &'a State,
    config: &'a Config,
    id: ReplicaId,
    /// By originator: how far the peer is.
    known: Vec<PoSeq>,
    /// By originator: how far it came since the last time, backwards too; 0 where it is stuck.
    moved: Vec<i128>,
}

/// What is to be done, one thing each.
enum Command {
    /// The next round is not before then.
    Rest(Time),
    /// The peer of this row is so far.
    Note(usize, Vec<PoSeq>),
    Relay(ReplicaId, Verified<PoRequest>),
    Acknowledge(ReplicaId, PoAcks),
    Announce(PoAru),
}

/// What is drawn up for a peer, in this order.
const PARTS: [fn(&Peer<'_>) -> Vec<Command>; 3] = [note, relays, acknowledgements];

/// What is drawn up for a round, in this order.
const ROUND: [fn(&State, &Config, Time) -> Vec<Command>; 3] = [rest, peers, announcement];

fn row(id: ReplicaId) -> Option<usize> {
    usize::from(id.0).checked_sub(1)
}

fn entry(vector: Option<&[PoSeq]>, row: usize) -> PoSeq {
    vector.and_then(|vector| vector.get(row)).copied().unwrap_or_default()
}

impl<'a> Peer<'a> {
    fn new(state: &'a State, config: &'a Config, id: ReplicaId) -> Self {
        let at = row(id);
        let held = at.and_then(|at| state.rows.get(at)?.as_ref());
        let held = held.map(|held| &held.body().vec[..]);
        let before = at.and_then(|at| state.retransmit_known.get(at)).map(|vector| &vector[..]);
        let known: Vec<PoSeq> = (0..config.size()).map(|row| entry(held, row)).collect();
        let pairs = known.iter().enumerate().map(|(row, now)| (now.0, entry(before, row).0));
        let moved = pairs.map(|(now, before)| i128::from(now) - i128::from(before)).collect();
        Self { state, config, id, known, moved }
    }

    /// The slots of an originator that the peer seems to lack; none if it is moving.
    fn lacks(&self, originator: ReplicaId) -> impl Iterator<Item = (PoSeq, &'a PoSlot)> + use<'a> {
        let at = row(originator).filter(|&at| self.moved.get(at) == Some(&0));
        let column = at.and_then(|at| self.state.columns.get(at));
        let known = entry(Some(&self.known), at.unwrap_or_default());
        column.into_iter().flat_map(move |column| above(column, known))
    }
}

fn above(column: &Column, known: PoSeq) -> impl Iterator<Item = (PoSeq, &PoSlot)> {
    column.slots.range((Bound::Excluded(known), Bound::Unbounded)).map(|(&seq, slot)| (seq, slot))
}

fn rest(_: &State, config: &Config, now: Time) -> Vec<Command> {
    vec![Command::Rest(now.after(config.timing.retransmit))]
}

fn peers(state: &State, config: &Config, _: Time) -> Vec<Command> {
    let others = config.replicas().filter(|&id| id != state.me);
    let peers = others.map(|id| Peer::new(state, config, id));
    peers.flat_map(|peer| PARTS.map(|part| part(&peer)).into_iter().flatten()).collect()
}

fn announcement(state: &State, _: &Config, _: Time) -> Vec<Command> {
    let said = state.sent_aru.iter().any(|&entry| entry != PoSeq::default());
    let vec = List::take(&mut state.sent_aru.iter().copied());
    said.then_some(Command::Announce(PoAru { vec })).into_iter().collect()
}

fn note(peer: &Peer<'_>) -> Vec<Command> {
    row(peer.id).map(|row| Command::Note(row, peer.known.clone())).into_iter().collect()
}

fn relays(peer: &Peer<'_>) -> Vec<Command> {
    let own = peer.lacks(peer.state.me);
    let mut requests = own.filter_map(|(_, slot)| slot.request.as_ref());
    let mut commands = Vec::new();
    relay(peer.id, &mut requests, (MAX_RELAYS, MAX_BATCH_BYTES), &mut commands);
    commands
}

/// Draws up relays until places or room are used up; the last may take more room than is left.
fn relay<'a>(
    to: ReplicaId,
    requests: &mut dyn Iterator<Item = &'a Verified<PoRequest>>,
    (places, room): (usize, usize),
    commands: &mut Vec<Command>,
) {
    if places > 0
        && room > 0
        && let Some(request) = requests.next()
    {
        let left = (places - 1, room.saturating_sub(bytes(request)));
        commands.push(Command::Relay(to, request.clone()));
        relay(to, requests, left, commands);
    }
}

fn bytes(request: &Verified<PoRequest>) -> usize {
    request.body().updates.iter().map(|update| update.body.payload.len()).sum()
}

fn acknowledgements(peer: &Peer<'_>) -> Vec<Command> {
    let me = peer.state.me;
    let share = MAX_ACKS.checked_div(peer.config.size()).unwrap_or_default();
    let others = peer.config.replicas().filter(|&originator| originator != me);
    let mut acks = others.flat_map(|originator| {
        let digests = peer.lacks(originator).filter_map(move |(seq, slot)| {
            slot.acks.get(&me).map(|&digest| PoAck { originator, seq, digest })
        });
        digests.take(share)
    });
    let acks: List<PoAck, MAX_ACKS> = List::take(&mut acks);
    let any = !acks.is_empty();
    any.then_some(Command::Acknowledge(peer.id, PoAcks { acks })).into_iter().collect()
}

fn carry_out(command: Command, state: &mut State, effects: &mut Effects) {
    match command {
        Command::Rest(until) => state.retransmit_at = until,
        Command::Note(row, known) => {
            if let Some(vector) = state.retransmit_known.get_mut(row) {
                *vector = known;
            }
        }
        Command::Relay(to, request) => {
            let message = Incoming::PoRequest(request);
            effects.push(Effect::Relay { to: To::One(to), message });
        }
        Command::Acknowledge(to, acks) => effects.send(To::One(to), acks),
        Command::Announce(aru) => effects.send(To::Others, aru),
    }
}

/// Sends again what some peer seems to lack, once in a while.
pub fn retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    let due = now >= state.retransmit_at;
    let parts = ROUND.iter().filter(|_| due);
    let commands: Vec<Command> = parts.flat_map(|part| part(state, config, now)).collect();
    for command in commands {
        carry_out(command, state, effects);
    }
}
