//! The simulator must find what it is for: Prime with one duty taken away breaks under faults.

use kv::{Command, Key, Store};
use sim::{Adversaries, Attack, Faults, Kind, Options, Parameters, Setup};
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::auth::Context;
use wire::machine::{Decoder, Memory, Record, Status};
use wire::monitoring::Mode;
use wire::prime::{Body, Incoming, PoRequest, PoRequestConflict, Prime};
use wire::stub::Stub;
use wire::{
    Blob, ClientId, ClientSeq, Config, Digest, Effect, Effects, Input, List, Machine, PoSeq,
    ReplicaId, Service, Signer, Time, Update, Verified,
};

/// A replica some of whose effects never come to pass.
struct Without {
    inner: prime::Replica,
    lost: fn(&Effect<Prime>) -> bool,
    /// Says that it remembers something of every number.
    hoards: bool,
    /// Keeps what it refuses, and how much of that there is.
    keeps: Option<u64>,
    /// Takes a lost log for a new one.
    bold: bool,
    /// What its gate let through though it was forged, once it has executed something.
    forged: Option<Verified<PoRequestConflict>>,
    /// Does not know of any proof any more.
    forgives: bool,
}

impl Without {
    fn nothing(inner: prime::Replica) -> Self {
        Self {
            inner,
            lost: |_| false,
            hoards: false,
            keeps: None,
            bold: false,
            forged: None,
            forgives: false,
        }
    }
}

impl Machine for Without {
    type Protocol = Prime;

    fn new(config: &Config, me: ReplicaId, service: Box<dyn Service>) -> Self {
        Self::nothing(prime::Replica::new(config, me, service))
    }

    fn decoder(&self) -> Decoder<Prime> {
        self.inner.decoder()
    }

    fn step(&mut self, now: Time, input: Input<Prime>, effects: &mut Effects<Prime>) {
        let input = match input {
            Input::Start(Memory::Lost { .. }) if self.bold => Input::Start(Memory::Whole),
            input => input,
        };
        self.inner.step(now, input, effects);
        if self.forged.is_some() && self.inner.status().updates > 2 {
            let forged = self.forged.take().expect("looked at above");
            self.inner.step(now, Input::Message(forged.into()), effects);
        }
        for effect in effects.drain() {
            if let (Some(kept), Effect::Reject { .. }) = (&mut self.keeps, &effect) {
                *kept += 1;
            }
            if !(self.lost)(&effect) {
                effects.push(effect);
            }
        }
    }

    fn deadline(&self) -> Option<Time> {
        self.inner.deadline()
    }

    fn status(&self) -> Status {
        let status = self.inner.status();
        let hoard = if self.hoards { 10_000 * status.executed } else { 0 };
        // A digest and who sent it.
        let hoard = hoard + 64 * self.keeps.unwrap_or(0);
        let blacklisted = if self.forgives { Vec::new() } else { status.blacklisted };
        Status { held: status.held + hoard, blacklisted, ..status }
    }

    fn replicated(&self) -> Digest {
        self.inner.replicated()
    }

    fn fork(&self) -> Self {
        Self { inner: self.inner.fork(), forged: self.forged.clone(), ..*self }
    }

    fn digest(&self) -> Digest {
        self.inner.digest()
    }

    fn snapshot(&self) -> Vec<u8> {
        self.inner.snapshot()
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String> {
        self.inner.restore(snapshot)
    }
}

fn setup(lost: fn(&Effect<Prime>) -> bool) -> Setup<Without> {
    sim::kv_setup(move |config, me| {
        let mut machine = Without::new(config, me, Box::new(Store::default()));
        machine.lost = lost;
        machine
    })
}

fn options(faults: Faults) -> Options {
    let adversaries = Adversaries::None;
    Options { replicas: 4, recovering: 0, faults, adversaries, scenario: None }
}

/// What the first of the seeds that find anything finds, without these effects.
fn first_finding(lost: fn(&Effect<Prime>) -> bool) -> Option<Kind> {
    let setup = setup(lost);
    // The rarest of these faults needs a kill within the millisecond after a send: some 80 seeds.
    let mut runs = (0..400).map(|seed| sim::run(seed, &options(Faults::Network), &setup));
    runs.find_map(|report| report.violation.map(|violation| violation.kind))
}

fn promise(effect: &Effect<Prime>) -> Option<&Body> {
    match effect {
        Effect::Persist { record: Record::Promise(body), .. } => Some(body),
        _ => None,
    }
}

fn held(effect: &Effect<Prime>) -> Option<&Incoming> {
    match effect {
        Effect::Persist { record: Record::Held(message), .. } => Some(message),
        _ => None,
    }
}

fn sent(effect: &Effect<Prime>) -> Option<&Body> {
    match effect {
        Effect::Send { body, .. } => Some(body),
        _ => None,
    }
}

#[test]
fn a_forgotten_promise_shows_as_equivocation() {
    let request = |e: &Effect<Prime>| matches!(promise(e), Some(Body::PoRequest(_)));
    assert_eq!(first_finding(request), Some(Kind::Equivocation));
    let aru = |e: &Effect<Prime>| matches!(promise(e), Some(Body::PoAru(_)));
    assert_eq!(first_finding(aru), Some(Kind::Equivocation));
}

// Forgetting a PO-Ack, a Prepare or a Commit is not among these: what these promises hold
// against takes a faulty originator, a faulty leader or a change of view.
#[test]
fn forgotten_content_and_certificates_are_missed() {
    let lost: [fn(&Effect<Prime>) -> bool; 4] = [
        |e| matches!(promise(e), Some(Body::PrePrepare(_))),
        |e| matches!(held(e), Some(Incoming::PoRequest(_))),
        |e| matches!(held(e), Some(Incoming::PrePrepare(_))),
        |e| matches!(held(e), Some(Incoming::Commit(_))),
    ];
    for (index, lost) in lost.into_iter().enumerate() {
        assert!(first_finding(lost).is_some(), "{index}");
    }
}

#[test]
fn a_replica_that_helps_nobody_is_missed() {
    let lost: [fn(&Effect<Prime>) -> bool; 4] = [
        |e| matches!(e, Effect::Relay { .. }),
        |e| matches!(sent(e), Some(Body::OrderedCertificate(_))),
        |e| matches!(sent(e), Some(Body::CatchUpRequest(_))),
        |e| matches!(sent(e), Some(Body::Recon(_))),
    ];
    for (index, lost) in lost.into_iter().enumerate() {
        assert_eq!(first_finding(lost), Some(Kind::Progress), "{index}");
    }
}

/// A quiet run long enough to fill small windows many times over.
fn long() -> Parameters {
    let mut parameters = Parameters::of_seed(1, 4, 0, Faults::None);
    (parameters.config.windows.order, parameters.config.windows.checkpoint) = (8, 8);
    parameters.config.windows.client = 32;
    let load = &mut parameters.load;
    (load.clients, load.updates, load.think, load.burst) = (2, 1_000, 40_000, 1);
    parameters.active = 20_000_000;
    parameters
}

fn kind_of_long(hoards: bool, lost: fn(&Effect<Prime>) -> bool) -> Option<Kind> {
    let setup = sim::kv_setup(move |config, me| {
        let mut machine = Without::new(config, me, Box::new(Store::default()));
        (machine.lost, machine.hoards) = (lost, hoards);
        machine
    });
    let violation = sim::run_with(1, long(), &setup, None).violation?;
    eprintln!("{violation}");
    Some(violation.kind)
}

#[test]
fn memory_and_logs_that_grow_are_caught_and_others_are_flat() {
    assert_eq!(kind_of_long(false, |_| false), None);
    assert_eq!(kind_of_long(true, |_| false), Some(Kind::Memory));
    let rewrite = |e: &Effect<Prime>| matches!(e, Effect::Rewrite { .. });
    assert_eq!(kind_of_long(false, rewrite), Some(Kind::Memory));
    let checkpoint = |e: &Effect<Prime>| matches!(sent(e), Some(Body::Checkpoint(_)));
    assert_eq!(kind_of_long(false, checkpoint), Some(Kind::Memory));
}

/// A peer can fill it without end; the load is not steady, so growth alone says nothing.
#[test]
fn a_container_that_a_peer_can_fill_is_caught() {
    let flooded = |seed, keeps: bool| {
        let setup = sim::kv_setup(move |config, me| {
            let mut machine = Without::new(config, me, Box::new(Store::default()));
            machine.keeps = keeps.then_some(0);
            machine
        });
        let flooder = Adversaries::One(Attack::Flooder);
        let parameters = Parameters::of_seed(seed, 4, 0, Faults::Swarm).with(seed, flooder);
        sim::run_with(seed, parameters, &setup, None).violation.map(|found| found.kind)
    };
    for seed in [0, 2] {
        assert_eq!(flooded(seed, false), None, "seed {seed}");
        assert_eq!(flooded(seed, true), Some(Kind::Memory), "seed {seed}");
    }
}

#[test]
fn leaders_that_are_replaced_for_nothing_are_caught() {
    // A window of one number makes every leader wait for ordering, and nothing is granted for that.
    let setup = sim::kv_setup(|config, me| {
        let mut config = config.clone();
        (config.windows.order, config.windows.checkpoint) = (1, 8);
        if let Some(rules) = &mut config.monitoring {
            (rules.delta_pp, rules.sched_slack) = (config.timing.pre_prepare, 0);
            (rules.k_lat, rules.rtt_floor, rules.mode) = (100, 0, Mode::Report);
        }
        prime::Replica::new(&config, me, Box::new(Store::default()))
    });
    let mut runs = (30..90).map(|seed| sim::run(seed, &options(Faults::Swarm), &setup));
    let found = runs.find_map(|report| report.violation.map(|violation| violation.kind));
    assert_eq!(found, Some(Kind::Unstable));
}

#[test]
fn a_replica_that_votes_at_once_after_its_disk_was_lost_is_caught() {
    let setup = sim::kv_setup(|config, me| {
        let mut machine = Without::new(config, me, Box::new(Store::default()));
        machine.bold = true;
        machine
    });
    let seeds = (0..400).map(|seed| (seed, Parameters::of_seed(seed, 4, 0, Faults::Swarm)));
    let mut runs = seeds
        .filter(|(_, parameters)| parameters.crashes.lost_disk)
        .map(|(seed, parameters)| sim::run_with(seed, parameters, &setup, None));
    let found = runs.find_map(|report| report.violation.map(|violation| violation.kind));
    assert_eq!(found, Some(Kind::Equivocation));
}

#[test]
fn a_forgotten_report_shows_as_equivocation() {
    let report = |e: &Effect<Prime>| matches!(promise(e), Some(Body::RbInit(_)));
    let setup = setup(report);
    let mut runs = (30..90).map(|seed| sim::run(seed, &options(Faults::Swarm), &setup));
    let found = runs.find_map(|report| report.violation.map(|violation| violation.kind));
    assert_eq!(found, Some(Kind::Equivocation));
}

/// Answers whoever reads a key what it answered whoever read it first.
#[derive(Default)]
struct Stale {
    store: Store,
    answers: BTreeMap<Key, Vec<u8>>,
}

impl Service for Stale {
    fn execute(&mut self, client: ClientId, payload: &[u8]) -> Vec<u8> {
        let right = self.store.execute(client, payload);
        match Command::decode(payload) {
            Ok(Command::Get { key }) => self.answers.entry(key).or_insert(right).clone(),
            _ => right,
        }
    }

    fn query(&self, payload: &[u8]) -> Vec<u8> {
        self.store.query(payload)
    }

    fn snapshot(&self) -> Vec<u8> {
        self.store.snapshot()
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String> {
        self.store.restore(snapshot)
    }

    fn fork(&self) -> Box<dyn Service> {
        Box::new(Self { store: self.store.clone(), answers: self.answers.clone() })
    }
}

/// Two of four collude, one more than is tolerated: no correct replica says anything wrong, and clients
/// believe two equal answers.
#[test]
fn a_stale_read_that_clients_believe_breaks_linearizability() {
    let liars = [ReplicaId(3), ReplicaId(4)];
    let reads = |stale: bool| {
        let setup = sim::kv_setup(move |config, me| {
            let lies = stale && liars.contains(&me);
            let service: Box<dyn Service> =
                if lies { Box::<Stale>::default() } else { Box::<Store>::default() };
            prime::Replica::new(config, me, service)
        });
        let runs = (0..6).map(|seed| {
            let mut parameters = Parameters::of_seed(seed, 4, 0, Faults::None);
            parameters.faulty = liars.map(|id| (id, Attack::Given)).into();
            sim::run_with(seed, parameters, &setup, None).violation.map(|found| found.kind)
        });
        runs.collect::<Vec<_>>()
    };
    assert!(reads(false).iter().all(Option::is_none));
    let found = reads(true);
    assert!(found.contains(&Some(Kind::Linearizability)), "{found:?}");
    assert!(found.iter().flatten().all(|kind| *kind == Kind::Linearizability), "{found:?}");
}

/// Two PO-Requests of replica 3 under one number, which replica 3 never said.
fn forged(config: &Config) -> Verified<PoRequestConflict> {
    let signer = |id: ReplicaId| Signer::new(Context::from(config), Arc::new(Stub(id.into())));
    let (accused, accuser) = (ReplicaId(3), ReplicaId(4));
    let client = ClientId(1);
    let updates = [b"a", b"b"].map(|payload| {
        let client_signer = Signer::new(Context::from(config), Arc::new(Stub(client.into())));
        let update =
            Update { seq: ClientSeq(1), payload: Blob::new(payload.to_vec()).expect("short") };
        client_signer.sign_all(client, vec![update]).remove(0).signed().clone()
    });
    let requests = updates
        .map(|update| PoRequest { seq: PoSeq(1), updates: List::new(vec![update]).expect("one") });
    let [first, second] = requests
        .map(|request| signer(accused).sign_all(accused, vec![request]).remove(0).signed().clone());
    signer(accuser).sign_all(accuser, vec![PoRequestConflict { first, second }]).remove(0)
}

#[test]
fn a_replica_that_forgets_what_it_proved_is_caught() {
    let cluster = |forgives: bool| {
        sim::kv_setup(move |config, me| {
            let mut machine = Without::new(config, me, Box::new(Store::default()));
            machine.forgives = forgives;
            machine
        })
    };
    let adversaries = Adversaries::One(Attack::EquivocatingOriginator);
    let options = Options { adversaries, ..options(Faults::None) };
    let found = |forgives| {
        let setup = cluster(forgives);
        let runs = (0..8).map(|seed| sim::run(seed, &options, &setup));
        runs.filter_map(|run| run.violation.map(|found| found.kind)).collect::<Vec<_>>()
    };
    assert_eq!(found(false), []);
    let caught = found(true);
    assert!(!caught.is_empty() && caught.iter().all(|kind| *kind == Kind::Blacklist), "{caught:?}");
}

#[test]
fn a_replica_that_believes_a_forged_proof_is_caught_holding_an_honest_one_for_faulty() {
    let cluster = |believes: bool| {
        sim::kv_setup(move |config, me| {
            let mut machine = Without::new(config, me, Box::new(Store::default()));
            machine.forged = (believes && me == ReplicaId(2)).then(|| forged(config));
            // It keeps what it believes to itself: to show it would be found by what it says.
            machine.lost = |effect| {
                matches!(effect, Effect::Send { body: Body::PoRequestConflict(_), .. })
                    || matches!(
                        effect,
                        Effect::Relay { message: Incoming::PoRequestConflict(_), .. }
                    )
            };
            machine
        })
    };
    let found = |believes| {
        let setup = cluster(believes);
        let runs = (0..4).map(|seed| sim::run(seed, &options(Faults::None), &setup));
        runs.map(|run| run.violation.map(|found| found.kind)).collect::<Vec<_>>()
    };
    assert!(found(false).iter().all(Option::is_none));
    let blamed = found(true);
    assert!(blamed.iter().all(|kind| *kind == Some(Kind::Blacklist)), "{blamed:?}");
}
