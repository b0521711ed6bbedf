//! The host's side: a machine that lives in a library.

use crate::crossing::{Answer, InputBytes, Request, SchemeKind, ServiceKind};
use crate::{Died, Library};
use std::sync::{Arc, Mutex, PoisonError};
use wire::machine::{Decoder, Status};
use wire::prime::Prime;
use wire::{Config, Digest, Effects, Gate, Input, Machine, ReplicaId, Service, Time, codec};

impl Library {
    /// What the library says about what it was built from.
    ///
    /// Panics with [`Died`] if the library answers nonsense.
    #[must_use]
    pub fn provenance(&self) -> String {
        match self.ask(&Request::Provenance) {
            Answer::Provenance(provenance) => provenance,
            _ => nonsense(),
        }
    }

    fn ask(&self, request: &Request) -> Answer {
        let answer = self.call(&codec::encode(request));
        match codec::decode(&answer) {
            Ok(Answer::Died(died)) => raise(died),
            Ok(Answer::Refused(reason)) => {
                raise(Died { location: "boundary".into(), message: reason })
            }
            Ok(answer) => answer,
            Err(_) => nonsense(),
        }
    }
}

/// Goes on outside with a panic that began inside. No hook sees it: the payload says all.
fn raise(died: Died) -> ! {
    std::panic::resume_unwind(Box::new(died))
}

fn nonsense() -> ! {
    let message = "the library answers something else than it was asked".into();
    raise(Died { location: "boundary".into(), message })
}

/// Names one machine inside; lets it go when the last user here is gone.
struct Instance {
    library: Arc<Library>,
    machine: u64,
}

impl Drop for Instance {
    fn drop(&mut self) {
        // The answer is of no interest; a machine that panics while it is dropped is gone too.
        let _ = self.library.call(&codec::encode(&Request::Drop(self.machine)));
    }
}

/// A machine in a library, as the simulator and the bench use any other.
///
/// Where the machine panics, the method called panics with the payload [`Died`]; use
/// [`crate::catch`] to get it.
pub struct Loaded {
    instance: Arc<Instance>,
    gate: Arc<Gate>,
    deadline: Option<Time>,
    died: Mutex<Option<Died>>,
}

impl std::fmt::Debug for Loaded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "machine {} of {}", self.instance.machine, self.instance.library.path().display())
    }
}

impl Loaded {
    /// A machine that knows nothing yet, over an empty key-value store, with the stub scheme.
    ///
    /// Panics with [`Died`] if the library's code does or `config` does not hold.
    #[must_use]
    pub fn create(library: &Arc<Library>, config: &Config, me: ReplicaId) -> Self {
        Self::create_with(library, config, me, SchemeKind::Stub, ServiceKind::Store)
    }

    /// A machine that knows nothing yet but the state of its service.
    ///
    /// Panics with [`Died`] if the library's code does, or if `config`, a key or a snapshot is refused.
    #[must_use]
    pub fn create_with(
        library: &Arc<Library>,
        config: &Config,
        me: ReplicaId,
        scheme: SchemeKind,
        service: ServiceKind,
    ) -> Self {
        let gate = scheme.gate(config, me);
        let gate =
            gate.unwrap_or_else(|message| raise(Died { location: "boundary".into(), message }));
        let config = Box::new(config.clone());
        let request = Request::Create { config, me, scheme, service };
        Self::adopt(library, Arc::new(gate), library.ask(&request))
    }

    fn adopt(library: &Arc<Library>, gate: Arc<Gate>, answer: Answer) -> Self {
        let Answer::Created { machine, deadline } = answer else { nonsense() };
        let instance = Arc::new(Instance { library: Arc::clone(library), machine });
        Self { instance, gate, deadline, died: Mutex::new(None) }
    }

    /// How the machine died, once, if it did.
    pub fn take_panic(&mut self) -> Option<Died> {
        self.died.get_mut().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Asks about this machine; remembers how it died before raising that.
    fn ask(&self, request: &Request) -> Answer {
        crate::catch(|| self.instance.library.ask(request)).unwrap_or_else(|died| {
            *self.died.lock().unwrap_or_else(PoisonError::into_inner) = Some(died.clone());
            raise(died)
        })
    }
}

impl Machine for Loaded {
    type Protocol = Prime;

    /// Always panics: a machine in a library needs the library. See [`Loaded::create`].
    fn new(_config: &Config, _me: ReplicaId, _service: Box<dyn Service>) -> Self {
        raise(Died {
            location: "boundary".into(),
            message: "a loaded machine is made by Loaded::create, from a library".into(),
        })
    }

    fn decoder(&self) -> Decoder<Prime> {
        let instance = Arc::clone(&self.instance);
        Arc::new(move |bytes| {
            let request = Request::Decode(instance.machine, bytes.to_vec());
            match instance.library.ask(&request) {
                Answer::Decoded(decoded) => *decoded,
                _ => nonsense(),
            }
        })
    }

    fn step(&mut self, now: Time, input: Input<Prime>, effects: &mut Effects<Prime>) {
        let (machine, input) = (self.instance.machine, Box::new(InputBytes::of(input)));
        match self.ask(&Request::Step { machine, now, input }) {
            Answer::Stepped { effects: crossed, deadline } => {
                self.deadline = deadline;
                for effect in crossed {
                    if effect.add(&self.gate, effects).is_err() {
                        let message = "the library passes on what nobody signed".into();
                        raise(Died { location: "boundary".into(), message });
                    }
                }
            }
            _ => nonsense(),
        }
    }

    fn deadline(&self) -> Option<Time> {
        self.deadline
    }

    fn status(&self) -> Status {
        match self.ask(&Request::Status(self.instance.machine)) {
            Answer::Status(status) => status,
            _ => nonsense(),
        }
    }

    fn replicated(&self) -> Digest {
        match self.ask(&Request::Replicated(self.instance.machine)) {
            Answer::Digest(digest) => digest,
            _ => nonsense(),
        }
    }

    fn fork(&self) -> Self {
        let answer = self.ask(&Request::Fork(self.instance.machine));
        Self::adopt(&self.instance.library, Arc::clone(&self.gate), answer)
    }

    fn digest(&self) -> Digest {
        match self.ask(&Request::Digest(self.instance.machine)) {
            Answer::Digest(digest) => digest,
            _ => nonsense(),
        }
    }

    fn snapshot(&self) -> Vec<u8> {
        match self.ask(&Request::Snapshot(self.instance.machine)) {
            Answer::Snapshot(snapshot) => snapshot,
            _ => nonsense(),
        }
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String> {
        match self.ask(&Request::Restore(self.instance.machine, snapshot.to_vec())) {
            Answer::Restored { result, deadline } => {
                self.deadline = deadline;
                result
            }
            _ => nonsense(),
        }
    }
}
