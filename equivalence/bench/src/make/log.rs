//! What a restart brings: records of the log, and states in the middle of reading it.

use super::{number, requests};
use crate::rng::Rng;
use crate::slots::Draw;
use crate::state::possible_content;
use crate::world::{Kind, World};
use prime::pre_order::State;
use wire::prime::{Body, PoAru, Prime};
use wire::{Input, List, PoSeq, Record, Time};

/// A record: recorded, or a promise or a held request about the numbers of the state.
pub(crate) fn log_record(draw: &mut Draw<'_>) -> Record<Prime> {
    if let Input::Recovered(record) = draw.input
        && draw.rng.percent(25)
    {
        return record.clone();
    }
    match draw.rng.below(20) {
        0 => {
            let samples = draw.world.samples.of(Kind::Recovered);
            match draw.rng.pick(samples).map(|sample| &sample.input) {
                Some(Input::Recovered(record)) => record.clone(),
                _ => Record::Held(requests::request(draw).into()),
            }
        }
        1 => {
            // Nothing for pre-ordering, or at least nothing that is recovered here.
            let samples = draw.world.samples.of(Kind::PoAcks);
            match draw.rng.pick(samples).map(|sample| &sample.input) {
                Some(Input::Message(message)) => Record::Held(message.clone()),
                _ => Record::Held(requests::request(draw).into()),
            }
        }
        2..6 => {
            let near = |entry: &PoSeq| PoSeq(draw.rng.near(entry.0));
            let vec = List::new(draw.state.sent_aru.iter().map(near).collect());
            Record::Promise(Body::PoAru(PoAru { vec: vec.expect("N entries") }))
        }
        6..11 => {
            let me = draw.state.me;
            let seq = number(draw, me);
            let possible = possible_content(draw.rng, draw.world, draw.state, me, seq);
            let request = possible
                .unwrap_or_else(|| draw.world.request(draw.rng, me, PoSeq(seq.0.max(1)), 1));
            Record::Promise(Body::PoRequest(request.body().clone()))
        }
        _ => Record::Held(requests::request(draw).into()),
    }
}

/// Mostly forgets what a restart forgets: votes, and how far the prefix was.
pub(crate) fn recovering(rng: &mut Rng, _world: &World, state: &mut State, _now: Time) {
    if rng.percent(25) {
        return;
    }
    for (column, sent) in state.columns.iter_mut().zip(&mut state.sent_aru) {
        if rng.percent(70) {
            let promised = column.aru;
            let back = PoSeq(promised.0.saturating_sub(rng.below(3))).max(column.retired);
            column.aru = back;
            let more = rng.choose([0, 0, 1, 2]);
            *sent = PoSeq(promised.0 + more);
        }
        if rng.percent(60) {
            for slot in column.slots.values_mut() {
                slot.acks.clear();
            }
        }
        let aru = column.aru;
        for (_, slot) in column.slots.iter_mut().filter(|(seq, _)| **seq > aru) {
            if rng.percent(70) {
                slot.certified = None;
            }
        }
    }
}

/// How far each originator's requests were executed: about what is certified.
pub(crate) fn executed(draw: &mut Draw<'_>) -> Vec<PoSeq> {
    let one = |column: &prime::pre_order::Column| {
        let (retired, aru) = (column.retired.0, column.aru.0);
        PoSeq(match draw.rng.below(12) {
            0 => retired.saturating_sub(1),
            1..4 => retired,
            4..9 => aru,
            9 => aru.saturating_sub(1),
            10 => aru + 1,
            _ => column.slots.keys().next_back().map_or(aru, |seq| seq.0),
        })
    };
    draw.state.columns.iter().map(one).collect()
}
