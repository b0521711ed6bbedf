//! One simulated host: a machine, its log, and what waits on its way in and out.

use crate::adversary::Player;
use crate::cryptography::Keys;
use crate::disk::Disk;
use crate::parameters::{Hosts, Level};
use crate::rng::Rng;
use crate::violation::{Finding, Kind};
use boundary::Died;
use boundary::catch;
use std::cell::{Cell, OnceCell};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use wire::auth::{Claim, Context, Scheme};
use wire::machine::Decoder;
use wire::stub::StubThreshold;
use wire::{
    Config, Digest, Effects, Gate, Machine, Proofs, Protocol, ReplicaId, Reply, Signature, Signer,
    Time, To, Update, Verified,
};

/// More than this waiting in one queue of a host is a leak.
const MAX_QUEUE: usize = 20_000;

/// The scheme of a cluster's gate, which counts what it verifies.
pub(crate) struct Counting(Box<dyn Scheme>, Arc<AtomicU64>);

impl Counting {
    /// Counts what `scheme` verifies; with the count.
    pub(crate) fn new(scheme: impl Scheme + 'static) -> (Self, Arc<AtomicU64>) {
        let count = Arc::default();
        (Self(Box::new(scheme), Arc::clone(&count)), count)
    }
}

impl Scheme for Counting {
    fn sign(&self, root: &Digest) -> Signature {
        self.0.sign(root)
    }

    fn verify(&self, claim: &Claim) -> bool {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.verify(claim)
    }

    fn verify_all(&self, claims: &[Claim]) -> bool {
        self.1.fetch_add(claims.len() as u64, Ordering::Relaxed);
        self.0.verify_all(claims)
    }
}

/// Signs for replica `id`.
fn signer(config: &Config, id: ReplicaId, keys: &Keys) -> Signer {
    let signer = Signer::new(Context::from(config), keys.signing(id.into()));
    match config.proofs {
        Proofs::Certificate => signer,
        Proofs::Threshold => signer.with_threshold(Arc::new(StubThreshold::new(config, id))),
    }
}

/// Lets through what `scheme` verifies, and what is of the cluster's threshold scheme, if it has one.
pub(crate) fn gate(config: &Config, scheme: Counting) -> Gate {
    let gate = Gate::new(Context::from(config), Arc::new(scheme));
    match config.proofs {
        Proofs::Certificate => gate,
        Proofs::Threshold => {
            gate.with_threshold(Arc::new(StubThreshold::new(config, ReplicaId(1))))
        }
    }
}

/// One encoded message on its way to several replicas.
pub(crate) struct Packet<P: Protocol> {
    /// Over whose links.
    pub(crate) from: ReplicaId,
    pub(crate) bytes: Box<[u8]>,
    /// What the first correct receiver made of it; `None`: it refused it. Later receivers decode for
    /// themselves, and only if theirs is the same message is the authentication shared.
    opened: OnceCell<Option<P::Incoming>>,
    /// Signatures that the first receiver had to verify.
    pub(crate) verified: Cell<u64>,
}

/// Why a receiver takes no notice of bytes.
pub(crate) enum Refusal {
    /// They are no message, or not authentic.
    Bytes(String),
    /// Another receiver's decoder sees something else in them.
    Decoders(String),
}

impl<P: Protocol> Packet<P> {
    pub(crate) fn new(from: ReplicaId, bytes: Box<[u8]>) -> Self {
        Self { from, bytes, opened: OnceCell::new(), verified: Cell::new(0) }
    }

    /// Decodes and authenticates the message as one correct receiver does.
    ///
    /// `count` grows with every signature that `gate` verifies.
    pub(crate) fn open(
        &self,
        decoder: &Decoder<P>,
        gate: &Gate,
        count: &AtomicU64,
    ) -> Result<P::Incoming, Refusal> {
        let decoded = decoder(&self.bytes);
        match (self.opened.get(), decoded) {
            (Some(Some(known)), Ok(message)) if P::is(known, &message) => Ok(known.clone()),
            (None | Some(None), Err(reject)) => {
                let _ = self.opened.set(None);
                Err(Refusal::Bytes(format!("the decoder says {reject:?}")))
            }
            (None, Ok(message)) => self.admit(message, decoder, gate, count),
            (Some(known), decoded) => {
                let known = known.as_ref().map(P::message);
                Err(Refusal::Decoders(format!("decoders differ: {known:?} and {decoded:?}")))
            }
        }
    }

    /// Authenticates what was decoded first. What the gate refuses is looked at anew by the next.
    fn admit(
        &self,
        message: P::Message,
        decoder: &Decoder<P>,
        gate: &Gate,
        count: &AtomicU64,
    ) -> Result<P::Incoming, Refusal> {
        let before = count.load(Ordering::Relaxed);
        // The message is gone then, and wanted by people alone.
        let refused = |error| Refusal::Bytes(format!("{error}: {:?}", decoder(&self.bytes)));
        let incoming = P::admit(gate, message).map_err(refused)?;
        self.verified.set(count.load(Ordering::Relaxed) - before);
        let _ = self.opened.set(Some(incoming.clone()));
        Ok(incoming)
    }

    /// The same as a faulty receiver does it, whose decoder may say anything.
    pub(crate) fn open_alone(&self, decoder: &Decoder<P>, gate: &Gate) -> Option<P::Incoming> {
        let message = decoder(&self.bytes).ok()?;
        match self.opened.get() {
            Some(Some(known)) if P::is(known, &message) => Some(known.clone()),
            Some(_) | None => P::admit(gate, message).ok(),
        }
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

/// A clock that began anywhere and runs too fast or too slow, but never back.
pub(crate) struct Clock {
    /// What it shows at the simulation's start.
    start: u64,
    /// How much it gains, in parts per million.
    gains: i64,
}

impl Clock {
    fn new(drift: u32, rng: &mut Rng) -> Self {
        let start = rng.below(1 << 40);
        if drift == 0 {
            return Self { start, gains: 0 };
        }
        let drift = i64::from(drift);
        let span = u64::try_from(2 * drift).expect("twice a number of parts per million");
        Self { start, gains: i64::try_from(rng.range(0..=span)).expect("small") - drift }
    }

    /// What it shows at `now`.
    fn shows(&self, now: u64) -> Time {
        let now = i64::try_from(now).expect("in a run");
        // Asked for all the time, and large numbers are slow to divide.
        let gained = now.checked_mul(self.gains).map_or_else(
            || i64::try_from(i128::from(now) * i128::from(self.gains) / 1_000_000).expect("less"),
            |product| product / 1_000_000,
        );
        Time(self.start.saturating_add_signed(now + gained))
    }

    /// The first moment at which it shows `time` or later.
    fn when(&self, time: Time) -> u64 {
        let passed = time.0.saturating_sub(self.start);
        if self.gains == 0 || passed > 1 << 60 {
            return passed;
        }
        let pace = u64::try_from(1_000_000 + self.gains).expect("clocks run forward");
        let about = passed.checked_mul(1_000_000).map_or_else(
            || u128::from(passed) * 1_000_000 / u128::from(pace),
            |product| u128::from(product / pace),
        );
        let mut at = u64::try_from(about).expect("as long as a run").saturating_sub(2);
        while self.shows(at) < time {
            at += 1;
        }
        at
    }
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
    /// When its processor is done with the signatures it was given.
    pub(crate) signed_at: u64,
    /// How much later than asked for the next timer fires.
    pub(crate) late: u64,
    pub(crate) clock: Clock,
    /// Lost its disk in some life: it may have said what it does not remember.
    pub(crate) lost: bool,
    /// If so, what it had executed when it was first seen to say what binds again.
    pub(crate) returned: Option<u64>,
    /// Stays down for good.
    pub(crate) frozen: bool,
    pub(crate) died: Option<Died>,
}

impl<M: Machine> Host<M> {
    pub(crate) fn new(
        config: &Config,
        id: ReplicaId,
        keys: &Keys,
        hosts: &Hosts,
        rng: &mut Rng,
    ) -> Self {
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
            signer: signer(config, id, keys),
            life: 0,
            wake: None,
            busy_until: 0,
            signed_at: 0,
            late: 0,
            clock: Clock::new(hosts.drift, rng),
            lost: false,
            returned: None,
            frozen: false,
            died: None,
        }
    }

    /// The host's clock.
    pub(crate) fn time(&self, now: u64) -> Time {
        self.clock.shows(now)
    }

    /// When there is work next, if ever.
    pub(crate) fn next_work(&self, now: u64) -> Result<Option<u64>, Died> {
        let Some(machine) = &self.machine else { return Ok(None) };
        let at = if self.inbox.is_empty() {
            let deadline = catch(|| machine.deadline())?;
            deadline.map(|deadline| self.clock.when(deadline).saturating_add(self.late))
        } else {
            Some(now)
        };
        Ok(at.map(|at| at.max(now).max(self.busy_until).max(self.signed_at)))
    }

    /// Spends `micros` on signatures; gives when that is done.
    pub(crate) fn spend(&mut self, now: u64, micros: u64) -> u64 {
        self.signed_at = self.signed_at.max(now) + micros;
        self.signed_at
    }

    /// Up to which token promises may be relied upon.
    pub(crate) fn kept(&self, level: Level) -> u64 {
        match level {
            Level::Process => self.disk.written(),
            Level::Power => self.disk.synced(),
        }
    }

    /// The process ends at once, and with it the whole host if the power is cut.
    pub(crate) fn kill(&mut self, power: bool, rng: &mut Rng) {
        self.machine = None;
        self.decoder = None;
        self.effects = Effects::default();
        if power {
            self.disk.cut_power(rng);
        } else {
            self.disk.crash(rng);
        }
        self.inbox.clear();
        self.outbox.clear();
        self.replies.clear();
        self.last_token = 0;
        self.life += 1;
        self.wake = None;
        (self.busy_until, self.signed_at) = (0, 0);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_drifts_is_monotone_and_its_timers_fire_at_the_first_moment() {
        for gains in [-9_999, -500, 0, 3, 9_999] {
            let clock = Clock { start: 77, gains };
            for now in (0..5_000).chain(30_000_000..30_005_000) {
                assert!(clock.shows(now) <= clock.shows(now + 1));
                let at = clock.when(Time(now + 77));
                assert!(clock.shows(at) >= Time(now + 77), "{gains} {now}");
                assert!(at == 0 || clock.shows(at - 1) < Time(now + 77), "{gains} {now}");
            }
            let shown = i64::try_from(clock.shows(1_000_000).0 - 77).unwrap();
            assert!((shown - 1_000_000 - gains).abs() <= 1);
        }
    }
}
