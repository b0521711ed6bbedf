//! A cluster in one process: what replicas compute, and nothing of how bytes get from one to another.
//!
//! Each replica does what its host does in a process of its own: it decodes and authenticates what comes,
//! with real keys and signatures, steps its machine, encodes what is to be logged, signs what it says under
//! one root and encodes it. Sockets, the links' encryption and the disk are left out. Time is virtual, so
//! a run is a function of its seed.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use wire::auth::Context;
use wire::ed25519::{Ed25519, PublicKey, SecretKey};
use wire::machine::Decoder;
use wire::prime::Prime;
use wire::{
    Blob, ClientId, ClientSeq, Config, Digest, Effect, Effects, Gate, Input, Machine, Memory,
    Monitoring, Principal, Protocol, Record, ReplicaId, Signed, Signer, Time, To, Update, codec,
};

/// How often hosts look at what has come. Unit: microseconds.
const TICK: u64 = 200;

/// Updates that wait for an answer at any time.
const OUTSTANDING: u64 = 64;

/// As in a benchmark of real clusters. Unit: bytes.
const VALUE: usize = 512;

/// Clients, each with a key.
const CLIENTS: u32 = 4;

/// Virtual time after which a cluster that does not come to an end is given up. Unit: microseconds.
const LONGEST: u64 = 600_000_000;

/// What the members of a cluster agree on, and all their keys.
pub(crate) struct Common {
    pub(crate) config: Config,
    secrets: BTreeMap<Principal, SecretKey>,
}

impl Common {
    /// A cluster of `n` replicas that stands `f` Byzantine ones and `k` recovering ones.
    ///
    /// # Errors
    /// A sentence, if there is no such cluster.
    pub(crate) fn new(n: u16, f: u16, k: u16) -> Result<Self, String> {
        let mut config = Config::new(Digest::of("diversity", &[]), n, f, k);
        config.monitoring = Some(Monitoring::robust());
        config.timing.pre_prepare = 4_000;
        config.check().map_err(|error| error.to_string())?;
        let clients = (1..=CLIENTS).map(|id| Principal::from(ClientId(id)));
        let all = config.replicas().map(Principal::from).chain(clients);
        let key =
            |(principal, number): (Principal, u8)| (principal, SecretKey::from_seed(&[number; 32]));
        let secrets = all.zip(1..).map(key).collect();
        Ok(Self { config, secrets })
    }

    fn scheme(&self, whose: Principal) -> Arc<Ed25519> {
        let roster: BTreeMap<Principal, PublicKey> =
            self.secrets.iter().map(|(principal, secret)| (*principal, secret.public())).collect();
        Arc::new(Ed25519::new(self.secrets[&whose].clone(), roster))
    }

    fn signer(&self, whose: Principal) -> Signer {
        Signer::new(Context::from(&self.config), self.scheme(whose))
    }
}

/// What a replica has to say, and to whom.
type Frames = Vec<(ReplicaId, Vec<u8>)>;

/// A replica whose machine is of any type.
pub(crate) trait Member {
    /// Decodes and authenticates a frame.
    fn receive(&mut self, frame: &[u8]);
    /// Authenticates a client's update.
    fn submit(&mut self, update: Signed<Update>);
    /// Steps through what has come, and the timer if it is due.
    fn turn(&mut self, now: Time) -> Frames;
    /// Whether a turn would do anything.
    fn wants_turn(&self, now: Time) -> bool;
    /// Updates executed.
    fn updates(&self) -> u64;
}

/// Makes a replica.
pub struct Make(fn(&Common, ReplicaId) -> Box<dyn Member>);

impl std::fmt::Debug for Make {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Make")
    }
}

impl Make {
    pub(crate) fn member(&self, common: &Common, me: ReplicaId) -> Box<dyn Member> {
        (self.0)(common, me)
    }
}

/// Replicas that are made of machines of this type.
#[must_use]
pub fn machine<M: Machine<Protocol = Prime>>() -> Make {
    Make(|common, me| Box::new(Host::<M>::new(common, me)))
}

struct Host<M: Machine> {
    me: ReplicaId,
    replicas: Vec<ReplicaId>,
    machine: M,
    decoder: Decoder<Prime>,
    gate: Gate,
    signer: Signer,
    effects: Effects<Prime>,
    inbox: VecDeque<Input<Prime>>,
    /// What a log would be given; nobody reads it.
    log: Vec<u8>,
    updates: u64,
}

impl<M: Machine<Protocol = Prime>> Host<M> {
    fn new(common: &Common, me: ReplicaId) -> Self {
        let service = Box::new(kv::Store::default());
        let machine = M::new(&common.config, me, service);
        let scheme = common.scheme(me.into());
        Self {
            me,
            replicas: common.config.replicas().collect(),
            decoder: machine.decoder(),
            machine,
            gate: Gate::new(Context::from(&common.config), scheme),
            signer: common.signer(me.into()),
            effects: Effects::default(),
            inbox: VecDeque::from([Input::Start(Memory::Whole)]),
            log: Vec::new(),
            updates: 0,
        }
    }

    /// Carries out what the turn asked for.
    fn carry_out(&mut self) -> Frames {
        let (mut saying, mut bodies, mut replies) = (Vec::new(), Vec::new(), Vec::new());
        let mut persisted = None;
        self.log.clear();
        for effect in self.effects.drain() {
            match effect {
                Effect::Persist { token, record } => {
                    persisted = Some(token);
                    put(&record, &mut self.log);
                }
                Effect::Send { to, body } => {
                    saying.push((to, None));
                    bodies.push(body);
                }
                Effect::Relay { to, message } => saying.push((to, Some(message))),
                Effect::Reply(reply) => replies.push(reply),
                Effect::Executed { .. } => self.updates += 1,
                Effect::Rewrite { .. } | Effect::Restored { .. } | Effect::Reject { .. } => {}
            }
        }
        let (messages, replies) = self.signer.seal::<Prime>(self.me, bodies, replies);
        for reply in &replies {
            // What a client would be sent.
            put_bytes(reply.signed(), &mut self.log);
        }
        let mut messages = messages.into_iter();
        let mut outgoing: BTreeMap<ReplicaId, Vec<Vec<u8>>> = BTreeMap::new();
        for (to, relayed) in saying {
            let Some(message) = relayed.or_else(|| messages.next()) else { continue };
            let bytes = codec::encode(&Prime::message(&message));
            if to == To::All || to == To::One(self.me) {
                self.inbox.push_back(Input::Message(message));
            }
            for peer in self.replicas.iter().filter(|peer| **peer != self.me) {
                if !matches!(to, To::One(one) if one != *peer) {
                    outgoing.entry(*peer).or_default().push(bytes.clone());
                }
            }
        }
        self.inbox.extend(persisted.map(Input::Persisted));
        let framed = |(peer, messages): (ReplicaId, Vec<Vec<u8>>)| {
            codec::frames(messages).into_iter().map(move |frame| (peer, frame))
        };
        outgoing.into_iter().flat_map(framed).collect()
    }
}

fn put(record: &Record<Prime>, out: &mut Vec<u8>) {
    match record {
        Record::Promise(body) => put_bytes(body, out),
        Record::Held(message) => put_bytes(&Prime::message(message), out),
    }
}

fn put_bytes<T: borsh::BorshSerialize>(value: &T, out: &mut Vec<u8>) {
    value.serialize(out).expect("writing to a vector cannot fail");
}

impl<M: Machine<Protocol = Prime>> Member for Host<M> {
    fn receive(&mut self, frame: &[u8]) {
        let Ok(messages) = codec::unframe(frame) else { return };
        for bytes in messages {
            let message = (self.decoder)(&bytes).ok();
            let admitted = message.and_then(|message| Prime::admit(&self.gate, message).ok());
            self.inbox.extend(admitted.map(Input::Message));
        }
    }

    fn submit(&mut self, update: Signed<Update>) {
        self.inbox.extend(self.gate.verify(update).ok().map(Input::Update));
    }

    fn turn(&mut self, now: Time) -> Frames {
        for input in std::mem::take(&mut self.inbox) {
            self.machine.step(now, input, &mut self.effects);
        }
        if self.machine.deadline().is_some_and(|deadline| deadline <= now) {
            self.machine.step(now, Input::Timer, &mut self.effects);
        }
        self.carry_out()
    }

    fn wants_turn(&self, now: Time) -> bool {
        !self.inbox.is_empty() || self.machine.deadline().is_some_and(|deadline| deadline <= now)
    }

    fn updates(&self) -> u64 {
        self.updates
    }
}

/// Clients that put values under keys, as many at once as [`OUTSTANDING`].
struct Clients {
    signers: Vec<(ClientId, Signer)>,
    /// Updates submitted so far.
    submitted: u64,
}

impl Clients {
    fn new(common: &Common) -> Self {
        let client = |id| (ClientId(id), common.signer(ClientId(id).into()));
        Self { signers: (1..=CLIENTS).map(client).collect(), submitted: 0 }
    }

    fn next(&mut self) -> Signed<Update> {
        let number = self.submitted;
        self.submitted += 1;
        let at = usize::try_from(number % u64::from(CLIENTS)).expect("less than there are clients");
        let (client, signer) = &self.signers[at];
        let seq = ClientSeq(number / u64::from(CLIENTS) + 1);
        let key = Blob::new(format!("key {}", number % 1_000).into_bytes());
        let value = Blob::new(vec![number.to_le_bytes()[0]; VALUE]);
        let command = kv::Command::Put {
            key: key.expect("keys are short"),
            value: value.expect("values are short"),
        };
        let payload = Blob::new(command.encode()).expect("commands are short");
        let signed = signer.sign_all(*client, vec![Update { seq, payload }]);
        signed.into_iter().next().expect("one is signed for each").signed().clone()
    }
}

/// What is done around a piece of what a replica computes, given which of them it is and how many updates
/// were executed before.
pub(crate) type Around<'a> = &'a mut dyn FnMut(ReplicaId, u64, &mut dyn FnMut());

/// Runs a cluster until all replicas have executed `updates`; every piece of what a replica computes goes
/// through `around`, which must do it. Gives how many the slowest replica executed, and how long it took.
///
/// # Errors
/// A sentence, if the cluster does not come to an end.
pub(crate) fn run(
    common: &Common,
    members: &mut BTreeMap<ReplicaId, Box<dyn Member>>,
    updates: u64,
    around: Around<'_>,
) -> Result<(u64, Time), String> {
    let mut clients = Clients::new(common);
    let mut frames: Vec<(ReplicaId, Vec<u8>)> = Vec::new();
    let mut now = 0;
    loop {
        let executed = members.values().map(|member| member.updates()).min().unwrap_or_default();
        if executed >= updates {
            return Ok((executed, Time(now)));
        }
        if now > LONGEST {
            return Err(format!("the cluster executed {executed} updates and no more"));
        }
        while clients.submitted < updates && clients.submitted < executed + OUTSTANDING {
            // Each replica originates as many as any other.
            let at = usize::try_from(clients.submitted).unwrap_or_default() % members.len();
            let mut update = Some(clients.next());
            if let Some((id, member)) = members.iter_mut().nth(at) {
                around(*id, executed, &mut || {
                    update.take().into_iter().for_each(|update| member.submit(update));
                });
            }
        }
        for (to, frame) in std::mem::take(&mut frames) {
            let Some(member) = members.get_mut(&to) else { continue };
            around(to, executed, &mut || member.receive(&frame));
        }
        for (id, member) in members.iter_mut().filter(|(_, it)| it.wants_turn(Time(now))) {
            around(*id, executed, &mut || frames.extend(member.turn(Time(now))));
        }
        now += TICK;
    }
}
