//! Who was restarted must come back and count: servers that do not are found in whole runs.

use sim::{Absence, Bound, Crashes, Faults, Hosts, Kind, Links, Parameters, Setup};
use std::ops::Range;
use wire::machine::{Decoder, Memory, Status};
use wire::prime::{Body, Incoming, LIFE, Prime};
use wire::{Config, Digest, Effect, Effects, Input, Machine, PoSeq, ReplicaId, Service, Time};

/// How a restarted server is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// None.
    Nothing,
    /// Nobody hears of its new life, so it stays silent.
    NeverOpens,
    /// It votes on nothing after a loss of its log.
    Mute,
    /// It acknowledges nothing after a loss of its log.
    Withholds,
    /// It takes updates from clients and forgets them, after a loss of its log.
    Deaf,
    /// It does so only as long as it recovers and is not silent.
    DeafAtFirst,
    /// It votes on nothing once it was restarted from a log that is whole.
    MuteWithLog,
    /// It asks for nothing that it missed while it was away.
    AsksNothing,
    /// Others take no row of one that lost its log once its life was ordered: so it goes where what they
    /// held against it before is never forgotten.
    Unpardoned,
}

/// A replica that is correct up to its first restart.
struct Returned {
    me: ReplicaId,
    inner: prime::Replica,
    fault: Fault,
    lost: bool,
    restarted: bool,
}

impl Returned {
    /// Whether the service of `effect` is not done.
    fn withholds(&self, effect: &Effect<Prime>) -> bool {
        let Effect::Send { body, .. } = effect else { return false };
        let votes = matches!(body, Body::Prepare(_) | Body::Commit(_));
        match self.fault {
            Fault::Nothing | Fault::Deaf | Fault::DeafAtFirst | Fault::Unpardoned => false,
            Fault::NeverOpens => {
                self.lost
                    && matches!(body, Body::PoAru(row) if row.vec.iter().any(|own| is_life(*own)))
            }
            Fault::Mute => self.lost && votes,
            Fault::Withholds => self.lost && matches!(body, Body::PoAcks(_)),
            Fault::AsksNothing => {
                let asks = matches!(body, Body::CatchUpRequest(_) | Body::StateRequest(_));
                self.restarted && asks
            }
            Fault::MuteWithLog => self.restarted && !self.lost && votes,
        }
    }

    /// Whether `input` never reaches it.
    fn ignores(&self, input: &Input<Prime>) -> bool {
        match (self.fault, input) {
            (Fault::Deaf, Input::Update(_)) => self.lost,
            (Fault::DeafAtFirst, Input::Update(_)) => {
                let status = self.inner.status();
                self.lost && status.recovering && !status.silent
            }
            (Fault::Unpardoned, Input::Message(message)) => {
                let of = match message {
                    Incoming::PoAru(row) => row.signer(),
                    Incoming::ProofMatrix(proof) => proof.signer(),
                    _ => return false,
                };
                let life = self.inner.checkpoint().preceding().acknowledged(of, of);
                of != self.me && is_life(life)
            }
            _ => false,
        }
    }
}

/// Whether the own entry of a row says that its signer lost its log.
fn is_life(own: PoSeq) -> bool {
    own >= LIFE && own.0.is_multiple_of(2)
}

impl Machine for Returned {
    type Protocol = Prime;

    fn new(config: &Config, me: ReplicaId, service: Box<dyn Service>) -> Self {
        let inner = prime::Replica::new(config, me, service);
        Self { me, inner, fault: Fault::Nothing, lost: false, restarted: false }
    }

    fn decoder(&self) -> Decoder<Prime> {
        self.inner.decoder()
    }

    fn step(&mut self, now: Time, input: Input<Prime>, effects: &mut Effects<Prime>) {
        self.lost |= matches!(input, Input::Start(Memory::Lost { .. }));
        self.restarted |= matches!(input, Input::Recovered(_));
        if self.ignores(&input) {
            return;
        }
        self.inner.step(now, input, effects);
        for effect in effects.drain() {
            if !self.withholds(&effect) {
                effects.push(effect);
            }
        }
    }

    fn deadline(&self) -> Option<Time> {
        self.inner.deadline()
    }

    fn status(&self) -> Status {
        self.inner.status()
    }

    fn replicated(&self) -> Digest {
        self.inner.replicated()
    }

    fn fork(&self) -> Self {
        Self { inner: self.inner.fork(), ..*self }
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

/// A cluster in which everybody has `fault`, or `only` one.
fn faulty(fault: Fault, only: Option<ReplicaId>) -> Setup<Returned> {
    sim::kv_setup(move |config, me| {
        let new = Returned::new(config, me, Box::new(kv::Store::default()));
        let fault = if only.is_none_or(|only| only == me) { fault } else { Fault::Nothing };
        Returned { fault, ..new }
    })
}

/// Leaders are monitored, links and hosts are good, and windows are small: nobody waits for long.
fn quick(seed: u64, n: u16, k: u16, crashes: Crashes) -> Parameters {
    let mut parameters = Parameters::of_seed(seed, n, k, Faults::Swarm);
    parameters.links = Links { jitter: 500, ..Links::clean((500, 4_000)) };
    parameters.hosts = Hosts { busy: 200, write: 200, sync: 2_000, ..Hosts::free() };
    let windows = &mut parameters.config.windows;
    (windows.order, windows.preorder, windows.checkpoint) = (16, 16, 8);
    let load = &mut parameters.load;
    (load.clients, load.burst, load.payload) = (2, 2, (0, 16));
    (load.think, load.probe_think, load.probe_time) = (50_000, 50_000, 500_000);
    let timing = &mut parameters.config.timing;
    (timing.po_request, timing.po_aru, timing.pre_prepare) = (10_000, 10_000, 10_000);
    (timing.retransmit, timing.renewal) = (100_000, 500_000);
    (parameters.crashes, parameters.active, parameters.bound) = (crashes, 1_500_000, 5_000_000);
    parameters
}

/// A disk is lost, and nothing else fails.
fn lost_disk(seed: u64, n: u16, k: u16) -> Parameters {
    quick(seed, n, k, Crashes { lost_disk: true, down: 10_000, ..Crashes::none() })
}

/// One after the other is killed and restarted with its log.
fn killed(seed: u64) -> Parameters {
    quick(seed, 4, 0, Crashes { gap: 100_000, down: 10_000, at_once: 1, ..Crashes::none() })
}

/// What each seed finds.
fn found(
    seeds: Range<u64>,
    setup: &Setup<Returned>,
    parameters: impl Fn(u64) -> Parameters,
) -> Vec<Option<Kind>> {
    let runs = seeds.map(|seed| {
        let violation = sim::run_with(seed, parameters(seed), setup, None).violation;
        eprintln!("{seed}: {violation:?}");
        violation.map(|violation| violation.kind)
    });
    runs.collect()
}

#[test]
fn whoever_was_restarted_comes_back_and_is_needed() {
    let correct = faulty(Fault::Nothing, None);
    for (n, k) in [(4, 0), (6, 1), (7, 0)] {
        let all = found(0..3, &correct, |seed| lost_disk(seed, n, k));
        assert!(all.iter().all(Option::is_none), "{n} replicas: {all:?}");
    }
    assert!(found(0..6, &correct, killed).iter().all(Option::is_none));
}

#[test]
fn who_is_of_no_use_after_the_loss_of_its_log_is_found() {
    let faults = [Fault::NeverOpens, Fault::Mute, Fault::Withholds, Fault::Deaf];
    for fault in faults {
        for (n, k) in [(4, 0), (6, 1)] {
            let all = found(0..2, &faulty(fault, None), |seed| lost_disk(seed, n, k));
            assert!(all.iter().all(|kind| *kind == Some(Kind::Rejoin)), "{fault:?} {n}: {all:?}");
        }
    }
}

/// Not in every run: it may be the leader itself, which takes its own rows.
#[test]
fn whose_rows_are_not_taken_after_the_loss_of_its_log_is_found() {
    for (n, k) in [(4, 0), (6, 1)] {
        let all = found(0..4, &faulty(Fault::Unpardoned, None), |seed| lost_disk(seed, n, k));
        assert!(all.contains(&Some(Kind::Rejoin)), "{n}: {all:?}");
        assert!(all.iter().flatten().all(|kind| *kind == Kind::Rejoin), "{n}: {all:?}");
    }
}

#[test]
fn who_is_of_no_use_after_a_restart_is_found() {
    let all = found(0..6, &faulty(Fault::MuteWithLog, Some(ReplicaId(2))), killed);
    assert!(all.contains(&Some(Kind::Rejoin)), "{all:?}");
    assert!(all.iter().flatten().all(|kind| *kind == Kind::Rejoin), "{all:?}");
}

/// The first leader is away for two seconds of load.
fn away(seed: u64) -> Parameters {
    let mut parameters = quick(seed, 4, 0, Crashes::none());
    let absence = Absence {
        replica: parameters.first_leader(),
        from: 300_000,
        until: 2_300_000,
        loses_disk: false,
        along: 1_000_000,
        back: 1_000_000,
        pause: 1_000_000,
    };
    (parameters.crashes.absences, parameters.active) = (vec![absence], 4_000_000);
    let load = &mut parameters.load;
    (load.clients, load.think, load.outstanding) = (4, 40_000, 32);
    (load.updates, load.retry) = (400, 200_000);
    parameters
}

#[test]
fn who_was_away_is_back_in_time_and_its_absence_makes_nobody_wait_for_long() {
    let report = sim::run_with(1, away(1), &faulty(Fault::Nothing, None), None);
    assert_eq!(report.violation, None);
    let [back] = &report.tally.comebacks[..] else { panic!("{:?}", report.tally.comebacks) };
    assert!(back.missed > 20 && back.along <= back.back, "{back:?}");
    assert!((1..1_000_000).contains(&report.tally.longest_pause), "{}", report.tally.longest_pause);
    let all = found(1..3, &faulty(Fault::AsksNothing, None), away);
    assert!(all.iter().all(|kind| *kind == Some(Kind::Rejoin)), "{all:?}");
    // Nobody replaces a leader that is away.
    let stands_still = |seed| {
        let mut parameters = away(seed);
        (parameters.config.monitoring, parameters.stable_from) = (None, None);
        parameters
    };
    let all = found(1..3, &faulty(Fault::Nothing, None), stands_still);
    assert!(all.iter().all(|kind| *kind == Some(Kind::Pause)), "{all:?}");
}

/// Its own words are excused as long as nothing that it says binds, and no longer.
#[test]
fn what_is_asked_of_one_that_recovers_is_held_to_the_bound() {
    let owed = |seed| {
        let mut parameters = lost_disk(seed, 4, 0);
        let bound = Bound::of(&parameters).expect("leaders are monitored");
        parameters.stable_from = Some(parameters.active + bound.total());
        // Longer in coming back, and its clients wait for it.
        (parameters.config.windows.order, parameters.load.retry) = (64, 2_000_000);
        parameters
    };
    let fine = found(0..4, &faulty(Fault::Nothing, None), owed);
    assert!(fine.iter().all(Option::is_none), "{fine:?}");
    let all = found(0..4, &faulty(Fault::DeafAtFirst, None), owed);
    assert!(all.contains(&Some(Kind::BoundedDelay)), "{all:?}");
}
