//! What a replica has done, counted.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use wire::auth::{Claim, Scheme};
use wire::machine::Reject;
use wire::verifier::Verifier;
use wire::{Digest, Signature};

/// One count.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    /// Adds `amount` and returns the new count.
    pub(crate) fn add(&self, amount: usize) -> u64 {
        self.0.fetch_add(amount as u64, Ordering::Relaxed) + amount as u64
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// All counts of one process. They start at zero with it.
pub(crate) struct Counters {
    verifier: Arc<dyn Verifier>,
    pub(crate) signatures_made: Count,
    pub(crate) signatures_verified: Count,
    pub(crate) received_messages: Count,
    pub(crate) received_bytes: Count,
    /// Links refused: wrong key, wrong cluster, or garbage.
    pub(crate) links_refused: Count,
    pub(crate) client_updates: Count,
    pub(crate) client_refused: Count,
    pub(crate) replies: Count,
    pub(crate) turns: Count,
    pub(crate) inputs: Count,
    tables: Mutex<Tables>,
}

#[derive(Debug, Default)]
struct Tables {
    /// Messages and bytes, once for each message however many it goes to.
    sent: BTreeMap<&'static str, (u64, u64)>,
    rejects: BTreeMap<Reject, u64>,
}

impl Counters {
    /// Nothing counted yet; signatures are checked by `verifier`.
    pub(crate) fn new(verifier: Arc<dyn Verifier>) -> Self {
        Self {
            verifier,
            signatures_made: Count::default(),
            signatures_verified: Count::default(),
            received_messages: Count::default(),
            received_bytes: Count::default(),
            links_refused: Count::default(),
            client_updates: Count::default(),
            client_refused: Count::default(),
            replies: Count::default(),
            turns: Count::default(),
            inputs: Count::default(),
            tables: Mutex::default(),
        }
    }

    pub(crate) fn verifier(&self) -> Arc<dyn Verifier> {
        Arc::clone(&self.verifier)
    }

    /// Counts messages sent: kind and bytes of each.
    pub(crate) fn sent(&self, messages: impl Iterator<Item = (&'static str, usize)>) {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        for (kind, bytes) in messages {
            let entry = tables.sent.entry(kind).or_default();
            *entry = (entry.0 + 1, entry.1 + bytes as u64);
        }
    }

    /// Counts one message that was dropped.
    pub(crate) fn reject(&self, reason: Reject) {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        *tables.rejects.entry(reason).or_default() += 1;
    }

    /// For the status port.
    pub(crate) fn json(&self) -> Value {
        let tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let rejects = tables.rejects.iter().map(|(why, count)| (format!("{why:?}"), json!(count)));
        let sent = tables.sent.iter().map(|(kind, (messages, bytes))| {
            ((*kind).to_string(), json!({ "messages": messages, "bytes": bytes }))
        });
        json!({
            "signatures_made": self.signatures_made.get(),
            "signatures_verified": self.signatures_verified.get(),
            "signatures_verified_by": self.verifier.name(),
            "second_opinions": self.verifier.second_opinions(),
            "received_messages": self.received_messages.get(),
            "received_bytes": self.received_bytes.get(),
            "links_refused": self.links_refused.get(),
            "client_updates": self.client_updates.get(),
            "client_refused": self.client_refused.get(),
            "replies": self.replies.get(),
            "turns": self.turns.get(),
            "inputs": self.inputs.get(),
            "rejects": rejects.collect::<serde_json::Map<_, _>>(),
            "sent": sent.collect::<serde_json::Map<_, _>>(),
        })
    }
}

/// A scheme that counts what it is asked.
pub(crate) struct Counted<S> {
    pub(crate) scheme: S,
    pub(crate) counters: Arc<Counters>,
}

impl<S: Scheme> Scheme for Counted<S> {
    fn sign(&self, root: &Digest) -> Signature {
        self.counters.signatures_made.add(1);
        self.scheme.sign(root)
    }

    fn verify(&self, claim: &Claim) -> bool {
        self.counters.signatures_verified.add(1);
        self.scheme.verify(claim)
    }

    fn verify_all(&self, claims: &[Claim]) -> bool {
        self.counters.signatures_verified.add(claims.len());
        self.scheme.verify_all(claims)
    }
}
