//! The toy machine in a real shared library, held against the same machine linked in.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[expect(dead_code, reason = "its wrongs are for the simulator's tests")]
#[path = "../examples/toy/machine.rs"]
mod machine;

use boundary::{Library, Loaded, OpenError, SchemeKind, ServiceKind, catch};
use machine::Toy;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};
use wire::auth::{Context, Scheme};
use wire::ed25519::{Ed25519, SecretKey};
use wire::prime::{Constraint, Incoming, Message, Prime, VcPartialSig};
use wire::stub::{Stub, StubThreshold};
use wire::{
    Blob, ClientId, ClientSeq, Config, Digest, Effect, Effects, Input, List, Machine, Memory,
    Principal, Proofs, Protocol, Reject, ReplicaId, Seq, Service, Signer, Time, Update, Verified,
    View, codec,
};

/// Builds the example once and gives its path. The test's own build would not have, when only
/// some of the tests are asked for.
fn library_path() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let test = std::env::current_exe().unwrap();
        let target = test.ancestors().nth(3).unwrap();
        let status = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--offline", "-p", "boundary", "--example", "toy"])
            .arg("--target-dir")
            .arg(target)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .unwrap();
        assert!(status.success());
        target.join("debug/examples").join(format!("{DLL_PREFIX}toy{DLL_SUFFIX}"))
    })
}

fn config() -> Config {
    Config::new(Digest::default(), 4, 1, 0)
}

fn update(seq: u64, payload: &[u8]) -> Verified<Update> {
    let signer = Signer::new(Context::from(&config()), Arc::new(Stub(ClientId(1).into())));
    let payload = Blob::new(payload.to_vec()).unwrap();
    signer.sign_all(ClientId(1), vec![Update { seq: ClientSeq(seq), payload }]).remove(0)
}

/// A machine with its effects and a signer for what it sends to itself.
struct Driven<M: Machine<Protocol = Prime>> {
    machine: M,
    effects: Effects<Prime>,
    signer: Signer,
    seen: Vec<Effect<Prime>>,
}

impl<M: Machine<Protocol = Prime>> Driven<M> {
    fn new(machine: M) -> Self {
        let scheme = Arc::new(Stub(ReplicaId(1).into()));
        let signer = Signer::new(Context::from(&config()), scheme);
        Self { machine, effects: Effects::default(), signer, seen: Vec::new() }
    }

    fn step(&mut self, now: u64, input: Input<Prime>) -> Vec<Incoming> {
        self.machine.step(Time(now), input, &mut self.effects);
        let effects = self.effects.drain();
        let bodies = effects.iter().filter_map(|effect| match effect {
            Effect::Send { body, .. } => Some(body.clone()),
            _ => None,
        });
        let sent = self.signer.seal::<Prime>(ReplicaId(1), bodies.collect(), vec![]).0;
        self.seen.extend(effects);
        sent
    }

    /// Three updates, each sequenced and executed.
    fn run(&mut self) {
        self.step(1, Input::Start(Memory::Whole));
        for seq in 1..=3 {
            self.step(seq * 10, Input::Update(update(seq, b"payload")));
            assert_eq!(self.machine.deadline(), Some(Time(0)));
            for message in self.step(seq * 10 + 1, Input::Timer) {
                self.step(seq * 10 + 2, Input::Message(message));
            }
            self.step(seq * 10 + 3, Input::Persisted(self.effects.token()));
        }
    }
}

fn loaded() -> Loaded {
    Loaded::create(&Library::open(library_path()).unwrap(), &config(), ReplicaId(1))
}

#[test]
fn a_loaded_machine_does_what_the_linked_one_does() {
    let mut inside = Driven::new(loaded());
    let store = Box::new(kv::Store::default());
    let mut outside = Driven::new(Toy::new(&config(), ReplicaId(1), store));
    inside.run();
    outside.run();
    assert!(inside.seen.len() > 9);
    assert_eq!(inside.seen, outside.seen);
    assert_eq!(inside.machine.status(), outside.machine.status());
    assert_eq!(inside.machine.digest(), outside.machine.digest());
    assert_eq!(inside.machine.snapshot(), outside.machine.snapshot());
    assert_eq!(inside.machine.deadline(), outside.machine.deadline());
}

#[test]
fn a_log_read_back_inside_gives_the_same_state() {
    let mut first = Driven::new(loaded());
    first.run();
    let mut second = Driven::new(loaded());
    for effect in &first.seen {
        if let Effect::Persist { record, .. } = effect {
            second.step(100, Input::Recovered(record.clone()));
        }
    }
    assert_eq!(first.machine.digest(), second.machine.digest());
}

#[test]
fn a_fork_goes_its_own_way() {
    let mut first = Driven::new(loaded());
    first.run();
    let mut fork = Driven::new(first.machine.fork());
    assert_eq!(fork.machine.digest(), first.machine.digest());
    fork.step(200, Input::Update(update(4, b"more")));
    assert_ne!(fork.machine.digest(), first.machine.digest());
}

#[test]
fn snapshots_cross_and_nonsense_is_refused() {
    let mut first = Driven::new(loaded());
    first.run();
    let mut second = loaded();
    second.restore(&first.machine.snapshot()).unwrap();
    assert_eq!(second.snapshot(), first.machine.snapshot());
    assert!(second.restore(b"nonsense").is_err());
    let library = Library::open(library_path()).unwrap();
    let of = ServiceKind::StoreOf(kv::Store::default().snapshot());
    let made = Loaded::create_with(&library, &config(), ReplicaId(2), SchemeKind::Stub, of);
    assert_eq!(made.status().updates, 0);
    let bad = ServiceKind::StoreOf(b"nonsense".to_vec());
    let refused =
        catch(|| Loaded::create_with(&library, &config(), ReplicaId(2), SchemeKind::Stub, bad));
    assert_eq!(refused.err().unwrap().location, "boundary");
}

#[test]
fn the_library_decodes_with_its_own_decoder() {
    let decoder = loaded().decoder();
    let mut machine = Driven::new(loaded());
    machine.step(1, Input::Update(update(1, b"payload")));
    let sent = machine.step(2, Input::Timer).remove(0);
    let message: Message = Prime::message(&sent);
    assert_eq!(decoder(&codec::encode(&message)), Ok(message));
    assert_eq!(decoder(b"nonsense"), Err(Reject::Malformed));
}

#[test]
fn a_panic_inside_comes_out_with_its_place() {
    let mut machine = Driven::new(loaded());
    machine.run();
    let died = catch(|| machine.step(99, Input::Update(update(9, machine::POISON)))).unwrap_err();
    assert!(died.location.contains("machine.rs:"), "{died}");
    assert_eq!(died.message, "a poisoned update");
    assert_eq!(machine.machine.take_panic(), Some(died));
    assert_eq!(machine.machine.take_panic(), None);
    let mut machine = Driven::new(loaded());
    let poison = update(1, machine::SLOW_POISON);
    let died = catch(|| machine.step(1, Input::Update(poison))).unwrap_err();
    assert!(died.location.contains("machine.rs:"), "{died}");
    let other = Driven::new(loaded());
    assert_eq!(other.machine.status().updates, 0, "the library serves other machines on");
}

#[test]
fn shares_of_threshold_signatures_are_checked_on_both_sides() {
    let config = Config { proofs: Proofs::Threshold, ..config() };
    let by = ReplicaId(2);
    let signed = |scheme: StubThreshold| {
        let signer = Signer::new(Context::from(&config), Arc::new(Stub(by.into())));
        let constraint = Constraint {
            view: View(1),
            ids: List::default(),
            base: Seq(0),
            start_seq: Seq(0),
            resolution: Digest::default(),
        };
        let body = VcPartialSig { constraint, share: None }.into();
        let signer = signer.with_threshold(Arc::new(scheme));
        signer.seal::<Prime>(by, vec![body], vec![]).0.remove(0)
    };
    let library = Library::open(library_path()).unwrap();
    let step = |message| {
        let mut machine = Loaded::create(&library, &config, ReplicaId(1));
        let mut effects = Effects::default();
        catch(|| machine.step(Time(1), Input::Message(message), &mut effects))
    };
    assert!(step(signed(StubThreshold::new(&config, by))).is_ok());
    let died = step(signed(StubThreshold::new(&config, ReplicaId(3)))).unwrap_err();
    assert!(died.message.contains("threshold"), "{died}");
}

#[test]
fn real_signatures_are_checked_on_both_sides_under_keys_that_may_be_enrolled() {
    let client = ClientId(1);
    let secret = SecretKey::from_seed(&[3; 32]);
    let scheme = |key| SchemeKind::Ed25519([(Principal::from(client), key)].into());
    let library = Library::open(library_path()).unwrap();
    let make = |key| {
        let scheme = scheme(key);
        catch(|| Loaded::create_with(&library, &config(), ReplicaId(1), scheme, ServiceKind::Store))
    };
    let step = |scheme: Arc<dyn Scheme>| {
        let signer = Signer::new(Context::from(&config()), scheme);
        let update = Update { seq: ClientSeq(1), payload: Blob::default() };
        let update = signer.sign_all(client, vec![update]).remove(0);
        let mut machine = make(secret.public().bytes()).unwrap();
        catch(|| machine.step(Time(1), Input::Update(update), &mut Effects::default()))
    };
    assert!(step(Arc::new(Ed25519::new(secret.clone(), [].into()))).is_ok());
    let died = step(Arc::new(Stub(client.into()))).unwrap_err();
    assert!(died.message.contains("signature"), "{died}");
    // The identity.
    let refused = make([1; 1].into_iter().chain([0; 31]).collect::<Vec<_>>().try_into().unwrap());
    assert!(refused.unwrap_err().message.contains("small order"));
}

#[test]
fn what_is_no_library_is_named() {
    let missing = Library::open(Path::new("/nowhere/lib.so")).unwrap_err();
    assert!(matches!(missing, OpenError::Load { .. }));
    assert!(missing.to_string().contains("/nowhere/lib.so"));
    let library = Library::open(library_path()).unwrap();
    assert_eq!(library.provenance(), "the toy of the boundary's tests");
}
