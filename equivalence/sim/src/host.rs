//! One simulated host: a machine, its log, and what waits on its way in and out.

use crate::adversary::Player;
use crate::disk::Disk;
use crate::rng::Rng;
use crate::violation::{Finding, Kind};
use boundary::Died;
use boundary::catch;
use std::cell::OnceCell;
use std::collections::VecDeque;
use std::sync::Arc;
use wire::auth::Context;
use wire::machine::Decoder;
use wire::stub::Stub;
use wire::{
    Config, Effects, Gate, Machine, Protocol, ReplicaId, Reply, Signer, Time, To, Update, Verified,
};

/// More than this waiting in one queue of a host is a leak.
const MAX_QUEUE: usize = 20_000;

/// One encoded message on its way to several replicas.
pub(crate) struct Packet<P: Protocol> {
    /// Over whose links.
    pub(crate) from: ReplicaId,
    pub(crate) bytes: Vec<u8>,
    /// What the first receiver made of it. Later receivers decode for themselves, and only if
    /// theirs is the same message is the authentication shared.
    opened: OnceCell<(P::Message, P::Incoming)>,
}

impl<P: Protocol> Packet<P> {
    pub(crate) fn new(from: ReplicaId, bytes: Vec<u8>) -> Self {
        Self { from, bytes, opened: OnceCell::new() }
    }

    /// Decodes and authenticates the message as one receiver does.
    pub(crate) fn open(&self, decoder: &Decoder<P>, gate: &Gate) -> Result<P::Incoming, Finding> {
        let message = decoder(&self.bytes)
            .map_err(|reject| (Kind::Refused, format!("the decoder says {reject:?}")))?;
        if let Some((known, incoming)) = self.opened.get() {
            if *known == message {
                return Ok(incoming.clone());
            }
            let detail = format!("decoders differ: {known:?} and {message:?}");
            return Err((Kind::Refused, detail));
        }
        let incoming = P::admit(gate, message.clone())
            .map_err(|error| (Kind::Refused, format!("{error}: {message:?}")))?;
        let _ = self.opened.set((message, incoming.clone()));
        Ok(incoming)
    }
}

/// What waits to be stepped.
pub(crate) enum Arrival<P: Protocol> {
    Packet(std::rc::Rc<Packet<P>>),
    Own(P::Incoming),
    Update(Verified<Update>),
    Persisted(u64),
}

/// What waits for the log.
pub(crate) enum Outgoing<P: Protocol> {
    Send(To, P::Body),
    Relay(To, P::Incoming),
}

/// A replica and everything around it.
pub(crate) struct Host<M: Machine> {
    pub(crate) id: ReplicaId,
    /// `None` while the process is down.
    pub(crate) machine: Option<Player<M>>,
    pub(crate) decoder: Option<Decoder<M::Protocol>>,
    pub(crate) effects: Effects<M::Protocol>,
    pub(crate) disk: Disk<M::Protocol>,
    pub(crate) inbox: VecDeque<Arrival<M::Protocol>>,
    /// With the token that must be written first.
    pub(crate) outbox: VecDeque<(u64, Outgoing<M::Protocol>)>,
    /// With the token that must be synced first.
    pub(crate) replies: VecDeque<(u64, Reply)>,
    /// The last persist token of this life.
    pub(crate) last_token: u64,
    pub(crate) signer: Signer,
    /// Counts starts of the process; what an earlier life began does not reach a later one.
    pub(crate) life: u64,
    pub(crate) wake: Option<u64>,
    pub(crate) busy_until: u64,
    /// What this host's clock shows at the simulation's start.
    pub(crate) clock: u64,
    /// Stays down for good.
    pub(crate) frozen: bool,
    pub(crate) died: Option<Died>,
}

impl<M: Machine> Host<M> {
    pub(crate) fn new(config: &Config, id: ReplicaId, rng: &mut Rng) -> Self {
        Self {
            id,
            machine: None,
            decoder: None,
            effects: Effects::default(),
            disk: Disk::new(),
            inbox: VecDeque::new(),
            outbox: VecDeque::new(),
            replies: VecDeque::new(),
            last_token: 0,
            signer: Signer::new(Context::from(config), Arc::new(Stub(id.into()))),
            life: 0,
            wake: None,
            busy_until: 0,
            clock: rng.below(1 << 40),
            frozen: false,
            died: None,
        }
    }

    /// The host's clock.
    pub(crate) fn time(&self, now: u64) -> Time {
        Time(now + self.clock)
    }

    /// When there is work next, if ever.
    pub(crate) fn next_work(&self, now: u64) -> Result<Option<u64>, Died> {
        let Some(machine) = &self.machine else { return Ok(None) };
        let at = if self.inbox.is_empty() {
            let deadline = catch(|| machine.deadline())?;
            deadline.map(|deadline| deadline.0.saturating_sub(self.clock))
        } else {
            Some(now)
        };
        Ok(at.map(|at| at.max(now).max(self.busy_until)))
    }

    /// The process ends at once.
    pub(crate) fn kill(&mut self, rng: &mut Rng) {
        self.machine = None;
        self.decoder = None;
        self.effects = Effects::default();
        self.disk.crash(rng);
        self.inbox.clear();
        self.outbox.clear();
        self.replies.clear();
        self.last_token = 0;
        self.life += 1;
        self.wake = None;
        self.busy_until = 0;
    }

    /// Whether the replica runs.
    pub(crate) fn is_up(&self) -> bool {
        self.machine.is_some()
    }

    /// Whether every queue is within its bound.
    pub(crate) fn check_bounds(&self) -> Result<(), Finding> {
        let queues = [
            ("inbox", self.inbox.len()),
            ("outbox", self.outbox.len()),
            ("replies", self.replies.len()),
            ("log", self.disk.staged()),
        ];
        match queues.iter().find(|(_, length)| *length > MAX_QUEUE) {
            Some((name, length)) => {
                Err((Kind::Bound, format!("{length} entries wait in the {name}")))
            }
            None => Ok(()),
        }
    }
}
