//! The library's side: machines by number, and the answer to each request.

use crate::crossing::{Answer, EffectBytes, InputBytes, Request, SchemeKind, ServiceKind};
use crate::died::catch;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use wire::prime::Prime;
use wire::{Config, Effects, Gate, Machine, ReplicaId, Service, Time, codec};

/// One machine and what a step needs beside it.
struct Slot<M> {
    machine: M,
    effects: Effects<Prime>,
    gate: Arc<Gate>,
}

struct Slots<M> {
    last: u64,
    by_number: BTreeMap<u64, Arc<Mutex<Slot<M>>>>,
}

/// All machines of one library.
pub struct Table<M> {
    slots: Mutex<Slots<M>>,
    provenance: &'static str,
}

impl<M> std::fmt::Debug for Table<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Table")
    }
}

fn store(kind: ServiceKind) -> Result<Box<dyn Service>, String> {
    let mut store = kv::Store::default();
    if let ServiceKind::StoreOf(snapshot) = kind {
        store.restore(&snapshot)?;
    }
    Ok(Box::new(store))
}

impl<M: Machine<Protocol = Prime>> Table<M> {
    /// No machines yet.
    #[must_use]
    pub const fn new(provenance: &'static str) -> Self {
        Self { slots: Mutex::new(Slots { last: 0, by_number: BTreeMap::new() }), provenance }
    }

    /// The encoded answer to an encoded request. Never panics: that is an answer too.
    pub(crate) fn serve(&self, request: &[u8]) -> Vec<u8> {
        let answer = catch(|| match codec::decode(request) {
            Ok(request) => self.answer(request).unwrap_or_else(Answer::Refused),
            Err(error) => Answer::Refused(error.to_string()),
        });
        codec::encode(&answer.unwrap_or_else(Answer::Died))
    }

    fn answer(&self, request: Request) -> Result<Answer, String> {
        Ok(match request {
            Request::Provenance => Answer::Provenance(self.provenance.into()),
            Request::Create { config, me, scheme, service } => {
                self.create(&config, me, &scheme, service)?
            }
            Request::Step { machine, now, input } => self.step(machine, now, *input)?,
            Request::Status(machine) => Answer::Status(self.with(machine, |m| m.status())?),
            Request::Replicated(machine) => Answer::Digest(self.with(machine, |m| m.replicated())?),
            Request::Fork(machine) => {
                let slot = self.slot(machine)?;
                let slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
                let (effects, gate) = (slot.effects.clone(), Arc::clone(&slot.gate));
                self.add(Slot { machine: slot.machine.fork(), effects, gate })
            }
            Request::Digest(machine) => Answer::Digest(self.with(machine, |m| m.digest())?),
            Request::Snapshot(machine) => Answer::Snapshot(self.with(machine, |m| m.snapshot())?),
            Request::Restore(machine, snapshot) => {
                let slot = self.slot(machine)?;
                let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
                let result = slot.machine.restore(&snapshot);
                Answer::Restored { result, deadline: slot.machine.deadline() }
            }
            Request::Decode(machine, bytes) => {
                let decoder = self.with(machine, |m| m.decoder())?;
                Answer::Decoded(Box::new(decoder(&bytes)))
            }
            Request::Drop(machine) => {
                let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
                let dropped = slots.by_number.remove(&machine);
                drop(slots);
                drop(dropped);
                Answer::Dropped
            }
        })
    }

    fn create(
        &self,
        config: &Config,
        me: ReplicaId,
        scheme: &SchemeKind,
        service: ServiceKind,
    ) -> Result<Answer, String> {
        config.check().map_err(|error| error.to_string())?;
        if !config.is_replica(me) {
            return Err(format!("{me} is no replica of this cluster"));
        }
        let gate = Arc::new(scheme.gate(config, me)?);
        let machine = M::new(config, me, store(service)?);
        Ok(self.add(Slot { machine, effects: Effects::default(), gate }))
    }

    fn add(&self, slot: Slot<M>) -> Answer {
        let deadline = slot.machine.deadline();
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.last += 1;
        let machine = slots.last;
        slots.by_number.insert(machine, Arc::new(Mutex::new(slot)));
        Answer::Created { machine, deadline }
    }

    fn slot(&self, machine: u64) -> Result<Arc<Mutex<Slot<M>>>, String> {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.by_number.get(&machine).cloned().ok_or_else(|| format!("no machine {machine}"))
    }

    fn with<T>(&self, machine: u64, ask: impl FnOnce(&M) -> T) -> Result<T, String> {
        let slot = self.slot(machine)?;
        let slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(ask(&slot.machine))
    }

    fn step(&self, machine: u64, now: Time, input: InputBytes) -> Result<Answer, String> {
        let slot = self.slot(machine)?;
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let Slot { machine, effects, gate } = &mut *slot;
        let input = input.admit(gate).map_err(|error| error.to_string())?;
        machine.step(now, input, effects);
        let effects = effects.drain().into_iter().map(EffectBytes::of).collect();
        Ok(Answer::Stepped { effects, deadline: machine.deadline() })
    }
}
