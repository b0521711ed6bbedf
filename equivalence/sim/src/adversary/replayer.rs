//! *Replayer*: says what it heard again and again, to anyone, and orders old updates anew.
//!
//! What is signed stays signed, so every message of a server can come back at any time, out of its
//! place, from anybody. Against it stand that whatever is known is known by identifier and dropped
//! when it comes again, that answers to questions are limited in number, and, against old updates
//! in new PO-Requests, that a client's number is executed once (`prime::execute`). The last is what
//! safety rests on, and the tests show what replays do without it.

use super::{Adversary, Saying, Turn};
use std::collections::VecDeque;
use wire::prime::{Body, Incoming, MAX_BATCH_BYTES, PoRequest, Prime};
use wire::{Input, List, Signed, Time, To, Update};

/// Messages and updates remembered, each.
const KEPT: usize = 400;

/// Time between two rounds of repetition. Unit: microseconds.
const PERIOD: u64 = 4_000;

/// Messages in a round.
const ROUND: usize = 5;

/// Old updates in a new PO-Request.
const UPDATES: usize = 3;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct Replayer {
    heard: VecDeque<Incoming>,
    updates: VecDeque<Signed<Update>>,
    next: Option<Time>,
}

/// Adds `item`, in place of a random older one if there are many.
fn keep<T>(turn: &mut Turn<'_, Prime>, kept: &mut VecDeque<T>, item: T) {
    if kept.len() >= KEPT {
        kept.swap_remove_back(turn.rng.index(KEPT));
    }
    kept.push_back(item);
}

impl Replayer {
    /// `request` with old updates before its own.
    fn stuffed(&self, turn: &mut Turn<'_, Prime>, request: PoRequest) -> PoRequest {
        let mut updates = Vec::new();
        for _ in 0..UPDATES.min(self.updates.len()) {
            updates.push(self.updates[turn.rng.index(self.updates.len())].clone());
        }
        updates.extend(request.updates.iter().cloned());
        let bytes: usize = updates.iter().map(|update| update.body.payload.len()).sum();
        let list = List::new(updates).ok().filter(|_| bytes <= MAX_BATCH_BYTES);
        PoRequest { updates: list.unwrap_or_else(|| request.updates.clone()), ..request }
    }
}

impl Adversary<Prime> for Replayer {
    fn hears(&mut self, turn: &mut Turn<'_, Prime>, input: Input<Prime>) {
        self.next.get_or_insert_with(|| turn.now.after(PERIOD));
        if let Input::Message(message) = &input {
            keep(turn, &mut self.heard, message.clone());
        }
        if let Input::Update(update) = &input {
            keep(turn, &mut self.updates, update.signed().clone());
        }
        turn.hear(input);
    }

    fn says(&mut self, turn: &mut Turn<'_, Prime>, to: To, saying: Saying<Prime>) {
        let Saying::Own(Body::PoRequest(request)) = saying else { return turn.say(to, saying) };
        let request = self.stuffed(turn, request);
        turn.say_own(to, request);
    }

    fn deadline(&self) -> Option<Time> {
        self.next
    }

    fn wakes(&mut self, turn: &mut Turn<'_, Prime>) {
        self.next = Some(turn.now.after(PERIOD));
        let others = turn.others();
        for _ in 0..ROUND.min(self.heard.len()) {
            let message = self.heard[turn.rng.index(self.heard.len())].clone();
            let one = others[turn.rng.index(others.len())];
            let to = if turn.rng.chance(200_000) { To::Others } else { To::One(one) };
            turn.say(to, Saying::Relayed(message));
        }
    }

    fn fork(&self) -> Box<dyn Adversary<Prime>> {
        Box::new(self.clone())
    }
}
