//! The least service: it counts what it executed.

use wire::{ClientId, Service};

/// Answers every update with nothing.
#[derive(Clone, Default)]
pub(super) struct Counter(u64);

impl Service for Counter {
    fn execute(&mut self, _client: ClientId, _payload: &[u8]) -> Vec<u8> {
        self.0 += 1;
        Vec::new()
    }

    fn query(&self, _payload: &[u8]) -> Vec<u8> {
        Vec::new()
    }

    fn snapshot(&self) -> Vec<u8> {
        self.0.to_le_bytes().to_vec()
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String> {
        let bytes = snapshot.try_into().map_err(|_| String::from("not eight bytes"))?;
        self.0 = u64::from_le_bytes(bytes);
        Ok(())
    }

    fn fork(&self) -> Box<dyn Service> {
        Box::new(self.clone())
    }
}
