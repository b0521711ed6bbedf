//! The protocol-free boundary between a replica's core and its host.
//!
//! The core is a pure function of its inputs: the host brings bytes, time, disk and keys. The
//! host's duties, in order:
//!
//! 1. Feed the log's records as [`Input::Recovered`], in the order written (after an
//!    [`Effect::Rewrite`] was carried out: its records first), then [`Input::Start`], then whatever
//!    happens. A host that cannot feed all that the core ever relied upon says so ([`Memory`]).
//! 2. Carry out the effects of all steps in the order in which they were emitted. In particular
//!    a `Send`, `Relay` or `Reply` leaves only after every `Persist` before it is on disk: handed
//!    to the kernel at level *process*, `fdatasync`ed at level *power*. Before a `Reply` it is
//!    `fdatasync`ed at both levels.
//! 3. Sign every `Send` body (having endorsed it, which [`Signer::seal`](crate::Signer::seal) does; a
//!    body as logged is the one before), deliver it to the addressees, and to the sender itself where `to`
//!    includes it: own votes count only when they come back.
//! 4. Call [`Machine::step`] with [`Input::Timer`] when [`Machine::deadline`] has come. The host
//!    may step through everything that has arrived first: the core gathers what it has to say
//!    until its timer fires, so load makes batches larger, not messages more.

use crate::auth::{Auth, AuthError, Context, Gate, Own, Verified};
use crate::{ClientId, Config, Digest, ReplicaId, Reply, Service, ThresholdScheme, Time, Update};
use borsh::{BorshDeserialize, BorshSerialize};
use std::fmt::Debug;
use std::sync::Arc;

/// The message types of one protocol.
pub trait Protocol: Sized + Clone + Debug + 'static {
    /// A message before it is signed.
    type Body: Clone + Debug + PartialEq + BorshSerialize + BorshDeserialize + Send + Sync;
    /// A message off the wire, unverified.
    type Message: Clone + Debug + PartialEq + BorshSerialize + BorshDeserialize + Send + Sync;
    /// A message that may be acted on.
    type Incoming: Clone + Debug + PartialEq + Send + Sync;

    /// The kind of a body, for counters.
    fn kind(body: &Self::Body) -> &'static str;
    /// Endorses a message that is about to be signed; see
    /// [`crate::Signable::endorse`].
    fn endorse(body: &mut Self::Body, context: &Context, scheme: &dyn ThresholdScheme);
    /// The leaf that a signature over `body` covers.
    fn leaf(context: &Context, signer: ReplicaId, body: &Self::Body) -> Digest;
    /// Joins body and authenticator; `own` shows that they were made here.
    fn seal(own: &Own, me: ReplicaId, body: Self::Body, auth: Auth, leaf: Digest)
    -> Self::Incoming;
    /// Authenticates a message and everything inside it.
    ///
    /// # Errors
    /// [`AuthError`], see [`Gate::verify`].
    fn admit(gate: &Gate, message: Self::Message) -> Result<Self::Incoming, AuthError>;
    /// The message as it stands on the wire.
    fn message(incoming: &Self::Incoming) -> Self::Message;
    /// Adds the encoding of [`Protocol::message`] to `bytes`, without copying the message.
    fn encode(incoming: &Self::Incoming, bytes: &mut Vec<u8>);
    /// Whether `message` is [`Protocol::message`], authenticators included.
    fn is(incoming: &Self::Incoming, message: &Self::Message) -> bool;
    /// Who signed it.
    fn sender(incoming: &Self::Incoming) -> ReplicaId;
    /// Its leaf.
    fn digest(incoming: &Self::Incoming) -> Digest;
}

/// Decodes, and checks the shape of, one message off the wire. Part of the protocol, so each
/// composition brings its own; safe on any bytes.
pub type Decoder<P> = Arc<dyn Fn(&[u8]) -> Result<<P as Protocol>::Message, Reject> + Send + Sync>;

/// A promise, or something that a promise rests on. Goes to the log before it is relied upon.
#[derive(Clone, Debug, PartialEq)]
pub enum Record<P: Protocol> {
    /// About to be sent by us: after a restart we must neither contradict nor forget it.
    Promise(P::Body),
    /// Somebody's message that we hold: content, proposal or vote.
    Held(P::Incoming),
}

/// Whether a replica remembers what it promised. The host alone can tell, so it must.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Memory {
    /// The records fed are all that the log was ever given, as the level demands; none, if this
    /// replica runs for the first time.
    Whole,
    /// This replica may have run before, and what it logged then is gone. No record was fed.
    ///
    /// A core logs that it was told so before it sends anything, so that a log begun under `Lost`
    /// is a whole one as soon as it holds a record. As long as it holds none, the host says `Lost`
    /// again at every start.
    Lost {
        /// Drawn anew for each such start, from a source that nobody can predict: by it the core
        /// tells its new life from all that it forgot.
        nonce: u64,
    },
}

/// What happens to a replica.
#[derive(Clone, Debug)]
pub enum Input<P: Protocol> {
    /// A record of the log, before [`Input::Start`].
    Recovered(Record<P>),
    /// The log is read, or known to be lost; begin.
    Start(Memory),
    /// A verified message, one's own broadcasts included.
    Message(P::Incoming),
    /// A client asks this replica to originate an update.
    Update(Verified<Update>),
    /// Everything up to this token is as durable as the level demands.
    Persisted(u64),
    /// The deadline has come.
    Timer,
}

/// To whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum To {
    /// Every replica, the sender included.
    All,
    /// Every replica but the sender.
    Others,
    /// One replica.
    One(ReplicaId),
}

/// What a replica wants done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect<P: Protocol> {
    /// Append to the log; later effects depend on it. Tokens count up from 1.
    Persist {
        /// Reported back by [`Input::Persisted`].
        token: u64,
        /// What to append.
        record: Record<P>,
    },
    /// The log may be replaced, as far as it was asked for before this effect, by these records in
    /// this order; what is asked for later follows them. Only a matter of space: a host may put it
    /// off, pass over all but the last, or never do it. At any moment either the old log or the
    /// new one must be whole on disk.
    Rewrite {
        /// Everything that the core still needs, starting with the state it had (as records, so
        /// that a log is nothing but records).
        records: Vec<Record<P>>,
    },
    /// Sign and send.
    Send {
        /// Addressee.
        to: To,
        /// Unsigned message.
        body: P::Body,
    },
    /// Pass on a signed message as it is.
    Relay {
        /// Addressee.
        to: To,
        /// Signed by anyone.
        message: P::Incoming,
    },
    /// Answer a client, after the log is synced.
    Reply(Reply),
    /// The service executed an update. For observers; the host has nothing to do.
    Executed {
        /// Position in the total order of executed updates, from 1.
        index: u64,
        /// Whose.
        client: ClientId,
        /// Leaf of the update.
        update: Digest,
    },
    /// The service's state is now that after `index` updates, which were not all executed here:
    /// it came from a log or from other replicas. For observers; the host has nothing to do.
    Restored {
        /// Updates executed in that state.
        index: u64,
    },
    /// Something was dropped, and why. For counters.
    Reject {
        /// Whose fault; `None` if nobody's in particular.
        from: Option<ReplicaId>,
        /// Why.
        reason: Reject,
    },
}

/// The effects of one step, in order. A host keeps one for each machine and drains it after each
/// step, so that persist tokens go on counting.
#[derive(Clone, Debug, PartialEq)]
pub struct Effects<P: Protocol> {
    list: Vec<Effect<P>>,
    /// Last token used.
    token: u64,
}

impl<P: Protocol> Default for Effects<P> {
    fn default() -> Self {
        Self { list: Vec::new(), token: 0 }
    }
}

impl<P: Protocol> Effects<P> {
    /// The last persist token used.
    #[must_use]
    pub fn token(&self) -> u64 {
        self.token
    }

    /// Adds an effect.
    pub fn push(&mut self, effect: Effect<P>) {
        self.list.push(effect);
    }

    /// Asks for `record` to be logged before anything pushed later leaves.
    pub fn persist(&mut self, record: Record<P>) {
        self.token += 1;
        self.list.push(Effect::Persist { token: self.token, record });
    }

    /// Allows the log to be replaced by `records`.
    pub fn rewrite(&mut self, records: Vec<Record<P>>) {
        self.list.push(Effect::Rewrite { records });
    }

    /// Asks for `body` to be signed and sent.
    pub fn send(&mut self, to: To, body: impl Into<P::Body>) {
        self.list.push(Effect::Send { to, body: body.into() });
    }

    /// Logs the promise `body`, then sends it.
    pub fn promise(&mut self, to: To, body: impl Into<P::Body>) {
        let body = body.into();
        self.persist(Record::Promise(body.clone()));
        self.list.push(Effect::Send { to, body });
    }

    /// Counts a drop.
    pub fn reject(&mut self, from: impl Into<Option<ReplicaId>>, reason: Reject) {
        self.list.push(Effect::Reject { from: from.into(), reason });
    }

    /// Keeps, of the effects from place `from` on, those for which `keep` says so; it may change them.
    pub fn screen(&mut self, from: usize, mut keep: impl FnMut(&mut Effect<P>) -> bool) {
        let mut place = 0..;
        self.list.retain_mut(|effect| place.next() < Some(from) || keep(effect));
    }

    /// The effects so far.
    #[must_use]
    pub fn as_slice(&self) -> &[Effect<P>] {
        &self.list
    }

    /// Takes the effects out into `spare`, which must be empty and whose room is used from here on.
    pub fn exchange(&mut self, spare: &mut Vec<Effect<P>>) {
        assert!(spare.is_empty(), "effects are taken out once");
        std::mem::swap(&mut self.list, spare);
    }

    /// Takes the effects out, leaving the token in place.
    pub fn drain(&mut self) -> Vec<Effect<P>> {
        std::mem::take(&mut self.list)
    }
}

/// Why something was dropped. The words are the same for every protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Reject {
    /// The bytes encode no message, or one of the wrong shape.
    Malformed,
    /// A signature does not verify.
    Unauthentic,
    /// Signed by somebody who may not send this.
    NotEntitled,
    /// About something that is over.
    Stale,
    /// Already held.
    Duplicate,
    /// Too far ahead to be remembered.
    BeyondWindow,
    /// Contradicts what the same sender said before.
    Equivocation,
    /// Of a view that is not the installed one.
    WrongView,
    /// Breaks a rule of the protocol.
    Invalid,
    /// Cannot be judged yet, and may not be buffered.
    Premature,
    /// No room: the queue for such things is full.
    Full,
}

/// What a person wants to know about a running replica.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Status {
    /// Installed view.
    pub view: u64,
    /// The view whose leader was elected last; at least `view`.
    pub preinstalled: u64,
    /// Whether this replica has voted for a leader to follow that one.
    pub suspects: bool,
    /// Whether this replica lost its log and does not take part in everything again yet.
    pub recovering: bool,
    /// Whether it says nothing that binds because of that, and refuses what clients ask: only while
    /// `recovering`.
    pub silent: bool,
    /// Last global number executed.
    pub executed: u64,
    /// Updates executed.
    pub updates: u64,
    /// Replicas that this one holds proof against.
    pub blacklisted: Vec<ReplicaId>,
    /// How much the replica remembers: the length of the encoding of its state, messages counting
    /// as their digests, the application's state aside. Unit: bytes. For checkers of bounded memory.
    pub held: u64,
}

/// A replica's core.
///
/// Deterministic: equal inputs at equal times give equal effects and states, whatever the process.
pub trait Machine: Sized + Send + 'static {
    /// Its messages.
    type Protocol: Protocol;

    /// A replica that knows nothing yet. `config` has passed [`Config::check`].
    fn new(config: &Config, me: ReplicaId, service: Box<dyn Service>) -> Self;

    /// The decoder of this composition.
    fn decoder(&self) -> Decoder<Self::Protocol>;

    /// Takes one input. `now` never decreases from call to call.
    fn step(
        &mut self,
        now: Time,
        input: Input<Self::Protocol>,
        effects: &mut Effects<Self::Protocol>,
    );

    /// When [`Input::Timer`] is wanted; may lie in the past.
    fn deadline(&self) -> Option<Time>;

    /// For people and checkers. Cheap beside a step, but not free: measures what is remembered.
    fn status(&self) -> Status;

    /// Fingerprint ([`crate::fingerprint`]) of the application's state and everything replicated beside
    /// it: equal at correct replicas that executed equally far. Costs what reading all of that costs.
    fn replicated(&self) -> Digest;

    /// A copy that goes its own way.
    fn fork(&self) -> Self;

    /// Digest of the whole abstract state: equal for two versions that are in equal states,
    /// however they represent it.
    fn digest(&self) -> Digest;

    /// The replicated state, canonical: equal at all correct replicas that executed equally far.
    fn snapshot(&self) -> Vec<u8>;

    /// Replaces the replicated state by a snapshot.
    ///
    /// # Errors
    /// A sentence, if the bytes are not a snapshot; the state is then unchanged.
    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String>;
}
