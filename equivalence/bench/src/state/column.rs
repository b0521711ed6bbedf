//! One originator's column, made up.

use crate::rng::Rng;
use crate::world::World;
use prime::pre_order::{Column, Content, PoSlot, State};
use wire::prime::PoRequest;
use wire::{Digest, PoSeq, ReplicaId, Verified};

/// A content that (o, s) can have in this state. What this server originated has one content
/// only: nobody else can sign for it.
pub(crate) fn possible_content(
    rng: &mut Rng,
    world: &World,
    state: &State,
    originator: ReplicaId,
    seq: PoSeq,
) -> Option<Verified<PoRequest>> {
    let pool = world.contents(originator, seq);
    let held = state.slot(originator, seq).and_then(|slot| slot.request.clone());
    if originator == state.me {
        return held.or_else(|| pool.first().cloned());
    }
    if rng.percent(35) && held.is_some() {
        return held;
    }
    rng.pick(pool).cloned()
}

/// What to draw a column for.
struct Sketch<'a> {
    world: &'a World,
    state: &'a State,
    originator: ReplicaId,
}

impl Sketch<'_> {
    fn content(&self, rng: &mut Rng, seq: PoSeq) -> Option<Verified<PoRequest>> {
        possible_content(rng, self.world, self.state, self.originator, seq)
    }

    /// Up to `votes` acknowledgements of `digest` by servers in any order, none by the originator.
    fn vote(&self, rng: &mut Rng, slot: &mut PoSlot, digest: Digest, votes: u64) {
        let size = self.world.config.size();
        let start = rng.index(size);
        let mut left = votes;
        for step in 0..size {
            let voter = ReplicaId::from_index((start + step) % size);
            // What this server acknowledged is what it saw first.
            let honest = voter != self.state.me
                || slot.request.as_ref().is_some_and(|request| request.digest() == digest);
            if left > 0 && voter != self.originator && honest && !slot.acks.contains_key(&voter) {
                slot.acks.insert(voter, digest);
                left -= 1;
            }
        }
    }

    /// A number of votes about the one that certifies.
    fn about_enough(&self, rng: &mut Rng) -> u64 {
        let enough = self.world.config.votes_beside_proposer() as u64;
        match rng.below(10) {
            0 => 0,
            1 => self.world.config.size() as u64,
            2..6 => enough - 1,
            6 => enough.saturating_sub(2),
            _ => rng.near(enough),
        }
    }

    /// A slot bound to one of its contents.
    fn certified(&self, rng: &mut Rng, seq: PoSeq) -> Option<PoSlot> {
        let chosen = self.content(rng, seq)?;
        let other = self.content(rng, seq).filter(|other| *other != chosen);
        let (request, adopted) = match (rng.below(10), other) {
            (0..3, Some(other)) => (Some(other), Some(Content::of(&chosen))),
            (3, _) => (None, Some(Content::of(&chosen))),
            _ => (Some(chosen.clone()), None),
        };
        let certified = Some(chosen.digest());
        let mut slot = PoSlot { request, adopted, certified, ..PoSlot::default() };
        let votes = self.about_enough(rng);
        self.vote(rng, &mut slot, chosen.digest(), votes);
        Some(slot)
    }

    /// A slot on which nothing is settled.
    fn open(&self, rng: &mut Rng, seq: PoSeq) -> Option<PoSlot> {
        let content = self.content(rng, seq)?;
        let request = if rng.percent(75) { Some(content.clone()) } else { None };
        let mut slot = PoSlot { request, ..PoSlot::default() };
        if slot.request.is_none() && self.originator == self.state.me && rng.percent(50) {
            // Promised before a restart and not yet back.
            slot.adopted = Some(Content::of(&content));
        }
        let votes = self.about_enough(rng);
        let other = self.content(rng, seq).unwrap_or_else(|| content.clone());
        let named = if rng.percent(60) { content.digest() } else { other.digest() };
        self.vote(rng, &mut slot, named, votes);
        if rng.percent(30) {
            let stray = if rng.percent(50) { other.digest() } else { World::no_digest(rng) };
            let few = rng.below(3);
            self.vote(rng, &mut slot, stray, few);
        }
        Some(slot)
    }

    /// A second content above a gap: acknowledged by enough, and so held, but not looked at yet.
    fn above_gap(&self, rng: &mut Rng, seq: PoSeq) -> Option<PoSlot> {
        let mut slot = self.open(rng, seq)?;
        let second = self.content(rng, seq)?;
        if slot.request.is_some() && slot.request.as_ref() != Some(&second) {
            slot.adopted = Some(Content::of(&second));
            slot.acks.clear();
            let enough = self.world.config.votes_beside_proposer() as u64;
            self.vote(rng, &mut slot, second.digest(), enough);
            if slot.acks.values().filter(|named| **named == second.digest()).count() < 2 {
                slot.adopted = None;
            }
        }
        Some(slot)
    }
}

/// A column for `originator` that fits into `state`: a retired part, a certified run, and a few
/// slots above it, with gaps and up to the window's edge.
pub(crate) fn column(rng: &mut Rng, world: &World, state: &State, originator: ReplicaId) -> Column {
    let sketch = Sketch { world, state, originator };
    let window = world.config.windows.preorder.min(12);
    let retired = rng.choose([0, 0, 0, 1, 2, 3]);
    let mut column = Column { retired: PoSeq(retired), ..Column::default() };
    let run = rng.choose([0, 0, 1, 1, 2]).min(window);
    column.aru = PoSeq(retired + run);
    for seq in (retired + 1..=retired + run).map(PoSeq) {
        match sketch.certified(rng, seq) {
            Some(slot) => drop(column.slots.insert(seq, slot)),
            None => {
                column.aru = PoSeq(seq.0 - 1);
                break;
            }
        }
    }
    for _ in 0..rng.choose([0, 1, 1, 2, 3]) {
        let edge = retired + window;
        let seq = PoSeq(if rng.percent(15) { edge } else { column.aru.0 + 1 + rng.below(3) });
        if seq.0 > edge || seq <= column.aru {
            continue;
        }
        let above = seq > column.aru.next();
        let slot = match rng.below(10) {
            0 => sketch.certified(rng, seq),
            1 | 2 if above && originator != state.me => sketch.above_gap(rng, seq),
            _ => sketch.open(rng, seq),
        };
        column.slots.extend(slot.map(|slot| (seq, slot)));
    }
    column
}
