//! The service under execution's slots: what it was asked is part of a call's outcome.

use wire::{ClientId, Digest, Service};

/// Answers with a digest of what it was asked and of the answer before, so that each answer depends on the
/// order and costs the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ledger(Vec<(ClientId, Vec<u8>)>, Digest);

impl Service for Ledger {
    fn execute(&mut self, client: ClientId, payload: &[u8]) -> Vec<u8> {
        self.0.push((client, payload.to_vec()));
        self.1 = Digest::of_value("bench ledger", &(client, payload, self.1));
        self.1.0.to_vec()
    }

    fn query(&self, _payload: &[u8]) -> Vec<u8> {
        Vec::new()
    }

    fn snapshot(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (client, payload) in &self.0 {
            bytes.extend(client.0.to_le_bytes());
            bytes.extend((payload.len() as u64).to_le_bytes());
            bytes.extend(payload);
        }
        bytes
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String> {
        Err(format!("{} bytes: no slot restores the service", snapshot.len()))
    }

    fn fork(&self) -> Box<dyn Service> {
        Box::new(self.clone())
    }
}
