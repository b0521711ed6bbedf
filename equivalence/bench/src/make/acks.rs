//! PO-Ack messages.

use super::number;
use crate::slots::Draw;
use crate::state::possible_content;
use crate::world::World;
use wire::prime::{Incoming, PoAck, PoAcks};
use wire::{Digest, Input, List, PoSeq, ReplicaId, Verified};

/// A digest that an acknowledgement of (o, s) may name.
fn digest(draw: &mut Draw<'_>, originator: ReplicaId, seq: PoSeq) -> Digest {
    let slot = draw.state.slot(originator, seq);
    let request = slot.and_then(|slot| slot.request.as_ref());
    let adopted = slot.and_then(|slot| slot.adopted.as_ref());
    let voted = slot.and_then(|slot| slot.acks.values().next().copied());
    let known = match draw.rng.below(10) {
        0..5 => request.map(|request| request.digest()),
        5 => adopted.map(|content| content.digest),
        6 | 7 => voted,
        _ => None,
    };
    let pool = |draw: &mut Draw<'_>| {
        let (state, world) = (draw.state, draw.world);
        possible_content(draw.rng, world, state, originator, seq).map(|request| request.digest())
    };
    known.or_else(|| pool(draw)).unwrap_or_else(|| World::no_digest(draw.rng))
}

fn ack(draw: &mut Draw<'_>, sender: ReplicaId) -> PoAck {
    let n = draw.world.config.n;
    let originator = match draw.rng.below(50) {
        0 => sender,
        1 => {
            let strange = ReplicaId(draw.rng.choose([0, n + 1, u16::MAX]));
            let digest = World::no_digest(draw.rng);
            return PoAck { originator: strange, seq: PoSeq(1), digest };
        }
        _ => draw.world.other(draw.rng, sender),
    };
    let seq = number(draw, originator);
    PoAck { originator, seq, digest: digest(draw, originator, seq) }
}

/// What was recorded, or acknowledgements about the open slots of the state.
pub(crate) fn acks(draw: &mut Draw<'_>) -> Verified<PoAcks> {
    let recorded = match draw.input {
        Input::Message(Incoming::PoAcks(acks)) => Some(acks),
        _ => None,
    };
    match (recorded, draw.rng.below(10)) {
        (Some(acks), 0 | 1) => return acks.clone(),
        (Some(acks), 2) => {
            let sender = draw.world.anyone(draw.rng);
            return draw.world.sign(sender, acks.body().clone());
        }
        _ => {}
    }
    let sender = draw.world.anyone(draw.rng);
    let count = match draw.rng.below(1000) {
        0 if draw.world.config.windows.preorder > 12 => wire::prime::MAX_ACKS,
        share => [1, 1, 1, 1, 2, 2, 3, 6][usize::try_from(share % 8).unwrap_or_default()],
    };
    let mut acks: Vec<PoAck> = (0..count).map(|_| ack(draw, sender)).collect();
    if acks.len() > 1 && draw.rng.percent(25) {
        // The same again, or the same with another digest.
        let mut again = acks[0];
        if draw.rng.percent(50) {
            again.digest = World::no_digest(draw.rng);
        }
        let last = acks.len() - 1;
        acks[last] = again;
    }
    draw.world.sign(sender, PoAcks { acks: List::new(acks).expect("at most MAX_ACKS") })
}
