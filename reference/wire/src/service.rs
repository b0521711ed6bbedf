//! The application that is replicated.

use crate::{ClientId, Digest};

/// Under which snapshots are digested.
pub const DIGEST_DOMAIN: &str = "patchy service 1";

/// A deterministic state machine. It has no clock, no randomness and no I/O of its own.
pub trait Service: Send {
    /// Executes one update of `client` and returns the answer (at most
    /// [`crate::client::MAX_PAYLOAD`] bytes).
    ///
    /// A payload that makes no sense is answered, never panicked on: it comes from a client.
    fn execute(&mut self, client: ClientId, payload: &[u8]) -> Vec<u8>;

    /// Answers without changing anything.
    fn query(&self, payload: &[u8]) -> Vec<u8>;

    /// The whole state, canonical: equal states give equal bytes.
    fn snapshot(&self) -> Vec<u8>;

    /// Replaces the state by a snapshot.
    ///
    /// # Errors
    /// A sentence, if the bytes are not a snapshot; the state is then unchanged.
    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String>;

    /// Digest of the state, equal exactly when the snapshots are.
    fn digest(&self) -> Digest {
        Digest::of(DIGEST_DOMAIN, &self.snapshot())
    }

    /// A copy that goes its own way.
    fn fork(&self) -> Box<dyn Service>;
}
