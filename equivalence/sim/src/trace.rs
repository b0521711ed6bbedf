//! The digest of everything that happened, in order.

use wire::digest::Hasher;
use wire::{Digest, ReplicaId};

/// Bytes gathered before they are hashed.
const CHUNK: usize = 4096;

/// Hashes events as they happen.
pub(crate) struct Trace {
    hasher: Hasher,
    buffer: Vec<u8>,
    told: bool,
}

impl Trace {
    /// With `told`, events are printed too.
    pub(crate) fn new(seed: u64, told: bool) -> Self {
        let mut hasher = Hasher::new("patchy trace 1");
        hasher.put_value(&seed);
        Self { hasher, buffer: Vec::with_capacity(CHUNK + 256), told }
    }

    /// Prints a line to standard error, if that is wanted. Not part of the digest.
    pub(crate) fn tell(&self, now: u64, replica: ReplicaId, line: impl FnOnce() -> String) {
        if self.told {
            eprintln!("{now:>9} {replica:?} {}", line());
        }
    }

    /// Notes that something of kind `tag` happened at `now` to `replica`, with two numbers and a
    /// digest that tell it from others of its kind.
    pub(crate) fn note(
        &mut self,
        tag: u8,
        now: u64,
        replica: ReplicaId,
        numbers: [u64; 2],
        digest: &Digest,
    ) {
        let buffer = &mut self.buffer;
        buffer.push(tag);
        buffer.extend_from_slice(&now.to_le_bytes());
        buffer.extend_from_slice(&replica.0.to_le_bytes());
        numbers.iter().for_each(|number| buffer.extend_from_slice(&number.to_le_bytes()));
        buffer.extend_from_slice(&digest.0);
        if buffer.len() >= CHUNK {
            self.hasher.put(buffer);
            buffer.clear();
        }
    }

    pub(crate) fn finish(mut self) -> Digest {
        self.hasher.put(&self.buffer);
        self.hasher.finish()
    }
}
