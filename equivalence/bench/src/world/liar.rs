//! The replica that lies: it says one thing to some and another to others.

use super::World;
use crate::rng::Rng;
use wire::prime::{Body, PoAcks, PoAru, PoRequest};
use wire::{List, PoSeq};

/// Whether the liar says nothing instead. A leader that proposes late is reminded by the others.
pub(super) fn withholds(rng: &mut Rng, body: &Body) -> bool {
    matches!(body, Body::PrePrepare(_)) && rng.percent(70)
}

/// Another body in place of `body`, or `None` where the liar tells the truth.
pub(super) fn twist(world: &World, rng: &mut Rng, body: &Body) -> Option<Body> {
    match body {
        Body::PoRequest(request) if rng.percent(60) => {
            let update = rng.pick(&world.updates)?.signed().clone();
            let updates = List::new(vec![update]).ok()?;
            Some(PoRequest { seq: request.seq, updates }.into())
        }
        Body::PoAcks(acks) if rng.percent(30) => {
            let mut twisted = acks.acks.to_vec();
            let at = rng.index(twisted.len());
            let ack = twisted.get_mut(at)?;
            let pool = world.contents(ack.originator, ack.seq);
            ack.digest =
                rng.pick(pool).map_or_else(|| World::no_digest(rng), |request| request.digest());
            Some(PoAcks { acks: List::new(twisted).ok()? }.into())
        }
        Body::PoAru(aru) if rng.percent(20) => {
            let mut vec = aru.vec.to_vec();
            let at = rng.index(vec.len());
            let entry = vec.get_mut(at)?;
            *entry = PoSeq(rng.near(entry.0));
            Some(PoAru { vec: List::new(vec).ok()? }.into())
        }
        _ => None,
    }
}
