//! A machine small enough to be read at once, for tests of the boundary and of the simulator.
//!
//! Replica 1 is the sequencer: it puts updates into PO-Requests, and everybody executes these in
//! the order of their numbers. The others pass on what clients send them. It stands crashes, restarts and lost messages, and it can be told
//! to do wrong in one of several ways, so that every check has something to find.

use std::collections::BTreeMap;
use std::sync::Arc;
use wire::client::Outcome;
use wire::machine::{Decoder, Record, Status};
use wire::prime::{Body, CatchUpRequest, Incoming, Message, PoRequest, Prime};
use wire::{
    Blob, ClientId, ClientSeq, Config, Digest, Effect, Effects, Input, List, Machine, PoSeq,
    Reject, ReplicaId, Reply, Seq, Service, Time, To, Update, Verified, View, codec,
};

/// What a replica does wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// Nothing.
    #[default]
    Nothing,
    /// Executes each batch backwards.
    Backwards,
    /// Executes each update twice.
    Twice,
    /// Reports an update that nobody signed.
    Invents,
    /// Answers what the service did not.
    Lies,
    /// Sends a second, different request under a used number.
    Equivocates,
    /// Relies on nothing but memory.
    Forgets,
    /// Panics at the third request.
    Panics,
    /// Takes no notice of anything.
    Sleeps,
    /// Holds replica 1 for faulty.
    Accuses,
    /// Is in another state than the others.
    Drifts,
    /// Wants its timer at once, always.
    Spins,
    /// Sends ten thousand messages at once.
    Floods,
    /// Refuses what it cannot decode, which is every PO-Request.
    Deaf,
}

/// An update with this payload kills whoever receives it.
pub(crate) const POISON: &[u8] = b"poison";

/// So does this one, by a mistake in calling the standard library.
pub(crate) const SLOW_POISON: &[u8] = b"slow poison";

const SEQUENCER: ReplicaId = ReplicaId(1);
const ASK_US: u64 = 50_000;

/// The machine.
pub(crate) struct Toy {
    config: Config,
    me: ReplicaId,
    service: Box<dyn Service>,
    /// Executed requests, in order.
    requests: Vec<Verified<PoRequest>>,
    early: BTreeMap<u64, Verified<PoRequest>>,
    /// Last number used here and, by client, the last update that the sequencer placed.
    last: u64,
    placed: BTreeMap<ClientId, ClientSeq>,
    waiting: BTreeMap<(ClientId, ClientSeq), Verified<Update>>,
    results: BTreeMap<(ClientId, ClientSeq), Outcome>,
    /// Promised and, as far as we know, never sent.
    unsent: Vec<PoRequest>,
    index: u64,
    asked: Time,
    started: bool,
    /// What it does wrong.
    pub(crate) wrong: Wrong,
}

impl Toy {
    fn on_update(&mut self, update: Verified<Update>, effects: &mut Effects<Prime>) {
        let (client, seq) = (update.signer(), update.body().seq);
        assert!(&update.body().payload[..] != POISON, "a poisoned update");
        if &update.body().payload[..] == SLOW_POISON {
            // Panics inside of the standard library.
            let _ = BTreeMap::from([(1, 1)]).range(2..=seq.0.min(1));
        }
        if let Some(result) = self.results.get(&(client, seq)) {
            effects.push(Effect::Reply(Reply { client, seq, result: result.clone() }));
        } else if self.me != SEQUENCER {
            self.last += 1;
            let updates = List::new(vec![update.signed().clone()]).expect("one");
            effects.promise(To::One(SEQUENCER), PoRequest { seq: PoSeq(self.last), updates });
        } else if self.placed.get(&client).is_none_or(|last| *last < seq) {
            self.waiting.insert((client, seq), update);
        } else {
            effects.reject(None, Reject::Duplicate);
        }
    }

    fn ready(&self) -> bool {
        let next = |client: &ClientId| self.placed.get(client).copied().unwrap_or_default().next();
        self.waiting.keys().any(|(client, seq)| *seq == next(client))
    }

    fn make_request(&mut self, effects: &mut Effects<Prime>) {
        let mut updates = Vec::new();
        for ((client, seq), update) in std::mem::take(&mut self.waiting) {
            let last = self.placed.entry(client).or_default();
            if seq == last.next() && updates.len() < 16 {
                *last = seq;
                updates.push(update.signed().clone());
            } else if seq > *last {
                self.waiting.insert((client, seq), update);
            }
        }
        self.last += 1;
        let updates = List::new(updates).expect("at most 16");
        let request = PoRequest { seq: PoSeq(self.last), updates };
        if self.wrong == Wrong::Forgets {
            effects.send(To::All, request);
            return;
        }
        if self.wrong == Wrong::Equivocates {
            let other = PoRequest { seq: request.seq, updates: List::empty() };
            effects.send(To::One(ReplicaId(2)), other);
        }
        effects.promise(To::All, request);
    }

    fn on_request(
        &mut self,
        request: Verified<PoRequest>,
        quiet: bool,
        effects: &mut Effects<Prime>,
    ) {
        let seq = request.body().seq.0;
        let next = self.requests.len() as u64 + 1;
        if request.signer() != SEQUENCER {
            let context = (&self.config).into();
            let mut updates = request.updates(&context);
            return updates.by_ref().for_each(|update| self.on_update(update, effects));
        }
        if seq < next {
            return effects.reject(request.signer(), Reject::Duplicate);
        }
        self.early.insert(seq, request);
        while let Some(request) = self.early.remove(&(self.requests.len() as u64 + 1)) {
            assert!(self.wrong != Wrong::Panics || self.requests.len() < 2, "the planted panic");
            if !quiet && self.wrong != Wrong::Forgets {
                effects.persist(Record::Held(Incoming::PoRequest(request.clone())));
            }
            self.execute(&request, quiet, effects);
            self.requests.push(request);
        }
    }

    fn execute(
        &mut self,
        request: &Verified<PoRequest>,
        quiet: bool,
        effects: &mut Effects<Prime>,
    ) {
        let context = (&self.config).into();
        let mut updates: Vec<_> = request.updates(&context).collect();
        if self.wrong == Wrong::Backwards {
            updates.reverse();
        }
        for update in updates {
            let (client, seq) = (update.signer(), update.body().seq);
            let mut result = self.service.execute(client, &update.body().payload);
            let digest = match self.wrong {
                Wrong::Invents => Digest::of("invented", &[]),
                _ => update.digest(),
            };
            for _ in 0..=u8::from(self.wrong == Wrong::Twice) {
                self.index += 1;
                effects.push(Effect::Executed { index: self.index, client, update: digest });
            }
            if self.wrong == Wrong::Lies {
                result.push(0);
            }
            let result = Outcome::Done(Blob::new(result).expect("answers are small"));
            self.results.insert((client, seq), result.clone());
            let placed = self.placed.entry(client).or_default();
            *placed = seq.max(*placed);
            if !quiet {
                effects.push(Effect::Reply(Reply { client, seq, result }));
            }
        }
    }

    fn on_recovered(&mut self, record: Record<Prime>, effects: &mut Effects<Prime>) {
        match record {
            Record::Promise(Body::PoRequest(request)) => {
                self.last = request.seq.0;
                if self.me != SEQUENCER {
                    return;
                }
                for update in request.updates.iter() {
                    self.placed.insert(update.signer, update.body.seq);
                }
                self.unsent.push(request);
            }
            Record::Held(Incoming::PoRequest(request)) => self.on_request(request, true, effects),
            _ => effects.reject(None, Reject::Invalid),
        }
    }

    fn on_start(&mut self, now: Time, effects: &mut Effects<Prime>) {
        (self.started, self.asked) = (true, now);
        for request in std::mem::take(&mut self.unsent) {
            if request.seq.0 > self.requests.len() as u64 {
                effects.send(To::All, request);
            }
        }
    }

    fn on_timer(&mut self, now: Time, effects: &mut Effects<Prime>) {
        if self.wrong == Wrong::Floods {
            let request = CatchUpRequest {
                view: View(0),
                installed: View(0),
                ordered: Seq(0),
                executed: Seq(0),
            };
            (0..10_001).for_each(|_| effects.send(To::Others, request.clone()));
        }
        if self.ready() {
            self.make_request(effects);
        }
        if now.since(self.asked) >= ASK_US {
            self.asked = now;
            let ordered = Seq(self.requests.len() as u64);
            let (view, installed, executed) = (View(0), View(0), ordered);
            effects.send(To::One(SEQUENCER), CatchUpRequest { view, installed, ordered, executed });
        }
    }

    fn on_question(&self, from: ReplicaId, ordered: Seq, effects: &mut Effects<Prime>) {
        let held = usize::try_from(ordered.0).unwrap_or(usize::MAX);
        for request in self.requests.iter().skip(held).take(64) {
            let message = Incoming::PoRequest(request.clone());
            effects.push(Effect::Relay { to: To::One(from), message });
        }
    }
}

impl Machine for Toy {
    type Protocol = Prime;

    fn new(config: &Config, me: ReplicaId, service: Box<dyn Service>) -> Self {
        Self {
            config: config.clone(),
            me,
            service,
            requests: Vec::new(),
            early: BTreeMap::new(),
            last: 0,
            placed: BTreeMap::new(),
            waiting: BTreeMap::new(),
            results: BTreeMap::new(),
            unsent: Vec::new(),
            index: 0,
            asked: Time(0),
            started: false,
            wrong: Wrong::Nothing,
        }
    }

    fn decoder(&self) -> Decoder<Prime> {
        let deaf = self.wrong == Wrong::Deaf;
        Arc::new(move |bytes| match codec::decode(bytes) {
            Ok(Message::PoRequest(_)) if deaf => Err(Reject::Malformed),
            decoded => decoded.map_err(|_| Reject::Malformed),
        })
    }

    fn step(&mut self, now: Time, input: Input<Prime>, effects: &mut Effects<Prime>) {
        if self.wrong == Wrong::Sleeps {
            return;
        }
        match input {
            Input::Recovered(record) => self.on_recovered(record, effects),
            // It promises nothing, so there is nothing that it could have forgotten.
            Input::Start(_) => self.on_start(now, effects),
            Input::Update(update) => self.on_update(update, effects),
            Input::Message(Incoming::PoRequest(request)) => {
                self.on_request(request, false, effects);
            }
            Input::Message(Incoming::CatchUpRequest(question)) => {
                self.on_question(question.signer(), question.body().ordered, effects);
            }
            Input::Timer => self.on_timer(now, effects),
            Input::Message(_) | Input::Persisted(_) => {}
        }
    }

    fn deadline(&self) -> Option<Time> {
        if self.wrong == Wrong::Spins || self.ready() {
            return Some(Time(0));
        }
        self.started.then(|| self.asked.after(ASK_US))
    }

    fn status(&self) -> Status {
        let accused = (self.wrong == Wrong::Accuses).then_some(SEQUENCER);
        Status {
            view: 0,
            preinstalled: 0,
            suspects: false,
            recovering: false,
            silent: false,
            executed: self.requests.len() as u64,
            updates: self.index,
            blacklisted: accused.into_iter().collect(),
            held: 0,
        }
    }

    fn replicated(&self) -> Digest {
        let drifted = u64::from(self.wrong == Wrong::Drifts && self.index > 2);
        Digest::of_value("toy", &(self.service.digest(), drifted))
    }

    fn fork(&self) -> Self {
        let mut copy = Self::new(&self.config, self.me, self.service.fork());
        copy.requests.clone_from(&self.requests);
        copy.early.clone_from(&self.early);
        copy.placed.clone_from(&self.placed);
        copy.waiting.clone_from(&self.waiting);
        copy.results.clone_from(&self.results);
        copy.unsent.clone_from(&self.unsent);
        (copy.last, copy.index, copy.asked) = (self.last, self.index, self.asked);
        (copy.started, copy.wrong) = (self.started, self.wrong);
        copy
    }

    fn digest(&self) -> Digest {
        Digest::of_value("toy", &(&self.requests, &self.waiting, self.last, self.service.digest()))
    }

    fn snapshot(&self) -> Vec<u8> {
        codec::encode(&(self.index, self.service.snapshot()))
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String> {
        let (index, service): (u64, Vec<u8>) =
            codec::decode(snapshot).map_err(|error| error.to_string())?;
        self.service.restore(&service)?;
        self.index = index;
        Ok(())
    }
}
