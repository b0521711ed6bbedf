//! Proofs that a server contradicted itself, true and false ones.

use super::rows::row;
use crate::slots::Draw;
use crate::state::row_near;
use crate::world::World;
use wire::prime::{Incoming, PoAru, PoAruConflict, PoRequestConflict};
use wire::{Input, PoSeq, ReplicaId, Verified};

/// Who sends a proof: this server itself now and then.
fn sender(draw: &mut Draw<'_>) -> ReplicaId {
    if draw.rng.percent(20) { draw.state.me } else { draw.world.anyone(draw.rng) }
}

/// Whom a proof is about: mostly somebody not known to be faulty.
fn accused(draw: &mut Draw<'_>, known: impl Fn(ReplicaId) -> bool) -> ReplicaId {
    let anyone = draw.world.other(draw.rng, draw.state.me);
    let other = draw.world.other(draw.rng, draw.state.me);
    if known(anyone) && draw.rng.percent(60) { other } else { anyone }
}

/// A vector that contradicts `aru`'s, or nearly.
fn contradiction(draw: &mut Draw<'_>, world: &World, aru: &Verified<PoAru>) -> Verified<PoAru> {
    let mut vec = aru.body().vec.to_vec();
    let up = draw.rng.index(vec.len());
    let down = match vec.iter().rposition(|entry| entry.0 > 0) {
        Some(last) if last != up && draw.rng.percent(60) => last,
        _ => draw.rng.index(vec.len()),
    };
    if let Some(entry) = vec.get_mut(up) {
        *entry = PoSeq(entry.0.saturating_add(1));
    }
    if let Some(entry) = vec.get_mut(down) {
        *entry = PoSeq(entry.0.saturating_sub(1 + draw.rng.below(2)));
    }
    world.sign_aru(aru.signer(), vec)
}

/// A proof against a server's PO-ARUs.
pub(crate) fn aru_conflict(draw: &mut Draw<'_>) -> Verified<PoAruConflict> {
    match draw.input {
        Input::Message(Incoming::PoAruConflict(m)) if draw.rng.percent(15) => return m.clone(),
        _ => {}
    }
    let by = accused(draw, |id| draw.state.blacklist.contains(&id));
    let mut first = row_near(draw.rng, draw.world, draw.state, by);
    if first.body().vec.iter().all(|entry| entry.0 == 0) {
        let entry = PoSeq(1 + draw.rng.below(3));
        first = draw.world.sign_aru(by, vec![entry; draw.world.config.size()]);
    }
    let second = match draw.rng.below(20) {
        0 => first.clone(),
        1 => row(draw),
        2 | 3 => row_near(draw.rng, draw.world, draw.state, by),
        4 => {
            let mut vec = contradiction(draw, draw.world, &first).body().vec.to_vec();
            let length = draw.rng.choose([1, vec.len() - 1, vec.len() + 1]);
            vec.resize(length, PoSeq(0));
            draw.world.sign_aru(by, vec)
        }
        5 => {
            let other = draw.world.other(draw.rng, by);
            let vec = contradiction(draw, draw.world, &first).body().vec.to_vec();
            draw.world.sign_aru(other, vec)
        }
        _ => contradiction(draw, draw.world, &first),
    };
    let (first, second) = if draw.rng.percent(50) { (first, second) } else { (second, first) };
    let proof = PoAruConflict { first: first.signed().clone(), second: second.signed().clone() };
    let by = sender(draw);
    draw.world.sign(by, proof)
}

/// A proof against an originator's PO-Requests.
pub(crate) fn request_conflict(draw: &mut Draw<'_>) -> Verified<PoRequestConflict> {
    match draw.input {
        Input::Message(Incoming::PoRequestConflict(m)) if draw.rng.percent(15) => return m.clone(),
        _ => {}
    }
    let by = accused(draw, |id| draw.state.equivocators.contains(&id));
    let seq = PoSeq(1 + draw.rng.below(8));
    let pool = draw.world.contents(by, seq);
    let start = draw.rng.index(pool.len());
    let first = pool[start].clone();
    let second = match draw.rng.below(20) {
        0 => first.clone(),
        1 | 2 => {
            // The same updates under another number.
            let mut body = pool[(start + 1) % pool.len()].body().clone();
            body.seq = seq.next();
            draw.world.sign(by, body)
        }
        3 | 4 => {
            let other = draw.world.other(draw.rng, by);
            let body = pool[(start + 1) % pool.len()].body().clone();
            draw.world.sign(other, body)
        }
        5 => draw.world.sign(draw.world.other(draw.rng, by), first.body().clone()),
        6 => {
            let count = 1 + draw.rng.index(3);
            draw.world.request(draw.rng, by, seq, count)
        }
        _ => pool[(start + 1) % pool.len()].clone(),
    };
    let proof =
        PoRequestConflict { first: first.signed().clone(), second: second.signed().clone() };
    let by = sender(draw);
    draw.world.sign(by, proof)
}
