//! Distances of texts: tokens and syntax trees.

use super::{Distance, Distances};
use crate::exit::Result;
use crate::interrupt;
use crate::progress::Progress;
use patcher::{Inventory, Normal, REFERENCE};
use slot_syntax::{Slot, SlotPath};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Holds the texts of every slot against each other, as many slots at once as there are processors.
pub(crate) fn source(inventory: &Inventory) -> Result<Distances> {
    let slots: Vec<&Slot> = inventory.slots.values().collect();
    let progress = Progress::new("comparing texts", slots.len() as u64);
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let found = Mutex::new(BTreeMap::new());
    let work = || {
        while let Some(slot) = slots.get(next.fetch_add(1, Ordering::Relaxed)) {
            if interrupt::RAISED.load(Ordering::Relaxed) {
                return;
            }
            let pairs = of_slot(inventory, slot);
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            found.insert(slot.path.clone(), pairs);
            progress.set(1 + done.fetch_add(1, Ordering::Relaxed) as u64, slot.path.to_string());
        }
    };
    let threads = thread::available_parallelism().map_or(1, Into::into);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    interrupt::check()?;
    Ok(Distances(found.into_inner().unwrap_or_else(PoisonError::into_inner)))
}

type Pairs = BTreeMap<(String, String), Distance>;

fn of_slot(inventory: &Inventory, slot: &Slot) -> Pairs {
    let mut texts: BTreeMap<&str, Normal> =
        BTreeMap::from([(REFERENCE, Normal::of(patcher::own_text(inventory, slot)))]);
    for (name, family) in &inventory.families {
        let version = family.versions.get(&slot.path).filter(|version| version.fit.is_ok());
        texts.extend(version.map(|version| (name.as_str(), Normal::of(&version.text))));
    }
    pairs(&texts)
}

fn pairs(texts: &BTreeMap<&str, Normal>) -> Pairs {
    let mut pairs = Pairs::new();
    for (at, (left, one)) in texts.iter().enumerate() {
        for (right, other) in texts.iter().skip(at + 1) {
            let distance = Distance {
                source: Some(one.source_distance(other)),
                tree: Some(one.tree_distance(other)),
                ..Distance::default()
            };
            pairs.insert(((*left).to_owned(), (*right).to_owned()), distance);
        }
    }
    pairs
}

/// Slots with a file to themselves: that file, relative to the protocol's sources, to the slot.
pub(super) fn files(inventory: &Inventory) -> BTreeMap<String, String> {
    let alone = |slot: &&Slot| {
        let shared = |other: &Slot| other.file == slot.file && other.path != slot.path;
        slot.file == std::path::Path::new(&slot.path.file())
            && !inventory.slots.values().any(shared)
    };
    let name = |path: &SlotPath| (path.file(), path.to_string());
    inventory.slots.values().filter(alone).map(|slot| name(&slot.path)).collect()
}
