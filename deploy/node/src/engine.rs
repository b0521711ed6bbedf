//! The core's thread: turn after turn of "take what has arrived, step through it, carry out what
//! follows".
//!
//! A turn steps through everything that has arrived before the timer fires, and signs all that
//! the turn wants said under one root: load makes batches larger, not signatures more.

use crate::clock::Clock;
use crate::counters::Counters;
use crate::flight::Recorder;
use crate::log::{Fill, Kind, Log, LogError};
use crate::mailbox::{Arrived, Event, Mailbox, Parcel};
use crate::outbox::{Dispatch, Outbox, SyncThread};
use layout::Durability;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use wire::machine::{Effect, Effects, Input, Machine, Protocol, Record, To};
use wire::{Config, ReplicaId, Reply, Signer, codec};

/// Where a turn stops taking parcels. Unit: inputs.
const TURN: usize = 1024;

/// A replica's core and the means to carry out its effects.
pub(crate) struct Engine<M: Machine> {
    pub(crate) machine: M,
    pub(crate) config: Config,
    pub(crate) me: ReplicaId,
    pub(crate) level: Durability,
    pub(crate) clock: Clock,
    pub(crate) mailbox: Arc<Mailbox<M::Protocol>>,
    pub(crate) signer: Signer,
    pub(crate) log: Log,
    pub(crate) recorder: Option<Recorder>,
    pub(crate) outbox: Arc<Outbox<M::Protocol>>,
    pub(crate) sync_thread: SyncThread<M::Protocol>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) effects: Effects<M::Protocol>,
    /// Taken from the mailbox, not stepped through yet.
    pub(crate) waiting: VecDeque<Parcel<M::Protocol>>,
    /// What this replica said to itself in the last turn.
    pub(crate) own: Vec<Arrived<M::Protocol>>,
}

/// Whether to go on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Turn,
    Stop,
}

/// A message on its way out.
struct Outgoing {
    to: To,
    bytes: Vec<u8>,
}

impl<M: Machine> Engine<M> {
    /// Runs until it is told to stop.
    ///
    /// # Errors
    /// The log cannot be extended: nothing that depended on it has left.
    pub(crate) fn run(mut self) -> Result<(), LogError> {
        self.carry_out()?;
        while self.turn()? == Next::Turn {}
        self.sync_thread.finish();
        // Not owed to anybody, but a host that is shut down next should find its log whole.
        let _ = self.log.syncer().sync();
        Ok(())
    }

    fn turn(&mut self) -> Result<Next, LogError> {
        if self.own.is_empty() && self.waiting.is_empty() {
            let until = self.machine.deadline().and_then(|deadline| self.clock.at(deadline));
            self.mailbox.take(&mut self.waiting, until);
        } else {
            self.mailbox.take(&mut self.waiting, Some(self.clock.origin()));
        }
        let mut next = Next::Turn;
        let mut inputs = std::mem::take(&mut self.own);
        let mut shares = Vec::new();
        while inputs.len() < TURN
            && let Some(parcel) = self.waiting.pop_front()
        {
            shares.push(parcel.share);
            for event in parcel.events {
                match event {
                    Event::Input(input) => inputs.push(input),
                    Event::Status(asker) => {
                        drop(asker.send((self.machine.status(), self.machine.replicated())));
                    }
                    Event::Stop => next = Next::Stop,
                }
            }
        }
        self.counters.turns.add(1);
        self.counters.inputs.add(inputs.len());
        self.step_all(inputs);
        self.carry_out()?;
        Ok(next)
    }

    fn step_all(&mut self, inputs: Vec<Arrived<M::Protocol>>) {
        let now = self.clock.now();
        if let Some(recorder) = &mut self.recorder {
            recorder.record(now, &inputs);
        }
        for Arrived { input, .. } in inputs {
            self.machine.step(now, input, &mut self.effects);
        }
        let now = self.clock.now();
        if self.machine.deadline().is_some_and(|deadline| deadline <= now) {
            let timer = Arrived { input: Input::Timer, bytes: None };
            if let Some(recorder) = &mut self.recorder {
                recorder.record(now, std::slice::from_ref(&timer));
            }
            self.machine.step(now, timer.input, &mut self.effects);
        }
    }

    /// Logs, signs and sends what the turn asked for.
    fn carry_out(&mut self) -> Result<(), LogError> {
        let effects = self.effects.drain();
        if effects.is_empty() {
            return Ok(());
        }
        let mut said = Said::<M::Protocol>::default();
        for effect in effects {
            match effect {
                Effect::Persist { token, record } => {
                    said.token = Some(token);
                    self.persist(&record);
                }
                Effect::Send { to, body } => {
                    said.order.push(Saying::Own(to, M::Protocol::kind(&body)));
                    said.bodies.push(body);
                }
                Effect::Relay { to, message } => said.order.push(Saying::Relay(to, message)),
                Effect::Reply(reply) => said.replies.push(reply),
                Effect::Rewrite { records } => self.log.rewrite(fill::<M::Protocol>(records))?,
                Effect::Executed { .. } | Effect::Restored { .. } => {}
                Effect::Reject { reason, .. } => self.counters.reject(reason),
            }
        }
        self.log.commit()?;
        let dispatch = self.sign(said);
        self.dispatch(dispatch);
        Ok(())
    }

    fn persist(&mut self, record: &Record<M::Protocol>) {
        self.log.add(kind_of(record), |out| put::<M::Protocol>(record, out));
    }

    /// Signs all bodies and replies under one root and encodes what is for others.
    fn sign(&mut self, said: Said<M::Protocol>) -> Dispatch<M::Protocol> {
        let (messages, replies) =
            self.signer.seal::<M::Protocol>(self.me, said.bodies, said.replies);
        let mut messages = messages.into_iter();
        let mut own = Vec::new();
        let mut outgoing = Vec::with_capacity(said.order.len());
        let mut kinds = Vec::with_capacity(said.order.len());
        let keeps_bytes = self.recorder.is_some();
        for saying in said.order {
            let (to, kind, message) = match saying {
                Saying::Own(to, kind) => {
                    (to, kind, messages.next().expect("one message is sealed for each body"))
                }
                Saying::Relay(to, message) => (to, "Relay", message),
            };
            let bytes = codec::encode(&M::Protocol::message(&message));
            kinds.push((kind, bytes.len()));
            if to == To::All || to == To::One(self.me) {
                let bytes = keeps_bytes.then(|| bytes.clone());
                own.push(Arrived { input: Input::Message(message), bytes });
            }
            outgoing.push(Outgoing { to, bytes });
        }
        self.counters.sent(kinds.into_iter());
        if let Some(token) = said.token {
            own.push(Arrived { input: Input::Persisted(token), bytes: None });
        }
        let frames = frames(&self.config, self.me, outgoing);
        Dispatch { position: self.log.position(), frames, replies, own }
    }

    fn dispatch(&mut self, dispatch: Dispatch<M::Protocol>) {
        match self.level {
            Durability::Process => {
                let Dispatch { position, frames, replies, own } = dispatch;
                self.outbox.send(frames);
                self.own.extend(own);
                if !replies.is_empty() {
                    let (frames, own) = (Vec::new(), Vec::new());
                    self.sync_thread.put(Dispatch { position, frames, replies, own });
                }
            }
            Durability::Power => self.sync_thread.put(dispatch),
        }
    }
}

fn kind_of<P: Protocol>(record: &Record<P>) -> Kind {
    match record {
        Record::Promise(_) => Kind::Promise,
        Record::Held(_) => Kind::Held,
    }
}

/// Appends the bytes of a record.
fn put<P: Protocol>(record: &Record<P>, out: &mut Vec<u8>) {
    use borsh::BorshSerialize;
    let written = match record {
        Record::Promise(body) => body.serialize(out),
        Record::Held(message) => P::message(message).serialize(out),
    };
    written.expect("writing to a vector cannot fail");
}

/// Writes `records` when the log is begun anew with them.
fn fill<P: Protocol>(records: Vec<Record<P>>) -> Fill {
    Box::new(move |sink| {
        records.iter().try_for_each(|record| sink.add(kind_of(record), |out| put(record, out)))
    })
}

/// One message that a turn wants said.
enum Saying<P: Protocol> {
    /// The next of the bodies, and its kind.
    Own(To, &'static str),
    Relay(To, P::Incoming),
}

/// What one turn wants said.
struct Said<P: Protocol> {
    /// Messages in order.
    order: Vec<Saying<P>>,
    bodies: Vec<P::Body>,
    replies: Vec<Reply>,
    /// Of the last record logged.
    token: Option<u64>,
}

impl<P: Protocol> Default for Said<P> {
    fn default() -> Self {
        Self { order: Vec::new(), bodies: Vec::new(), replies: Vec::new(), token: None }
    }
}

/// Packs messages into frames for each addressee. Those that get the same share the same bytes.
fn frames(config: &Config, me: ReplicaId, outgoing: Vec<Outgoing>) -> Vec<(ReplicaId, Arc<[u8]>)> {
    let others: Vec<_> = config.replicas().filter(|id| *id != me).collect();
    let pack = |messages: Vec<Vec<u8>>| codec::frames(messages).into_iter().map(Arc::from);
    let is_for_all = outgoing.iter().all(|message| !matches!(message.to, To::One(_)));
    if is_for_all {
        let frames: Vec<Arc<[u8]>> =
            pack(outgoing.into_iter().map(|message| message.bytes).collect()).collect();
        let each = frames
            .iter()
            .flat_map(|frame| others.iter().map(move |peer| (*peer, Arc::clone(frame))));
        return each.collect();
    }
    let mut for_each: BTreeMap<ReplicaId, Vec<Vec<u8>>> = BTreeMap::new();
    for message in outgoing {
        match message.to {
            To::One(peer) => for_each.entry(peer).or_default().push(message.bytes),
            To::All | To::Others => {
                for peer in &others {
                    for_each.entry(*peer).or_default().push(message.bytes.clone());
                }
            }
        }
    }
    for_each.remove(&me);
    for_each
        .into_iter()
        .flat_map(|(peer, messages)| pack(messages).map(move |f| (peer, f)))
        .collect()
}
