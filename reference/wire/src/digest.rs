//! SHA-256 digests, always under a domain so that no two uses can be confused.

use borsh::{BorshDeserialize, BorshSerialize};
use sha2::{Digest as _, Sha256};
use std::{fmt, io};

/// A SHA-256 digest.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize,
)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Digest of `bytes` under `domain`. The domain's length is part of the input.
    #[must_use]
    pub fn of(domain: &str, bytes: &[u8]) -> Self {
        let mut hasher = Hasher::new(domain);
        hasher.put(bytes);
        hasher.finish()
    }

    /// Digest of the canonical encoding of `value` under `domain`.
    #[must_use]
    pub fn of_value<T: BorshSerialize + ?Sized>(domain: &str, value: &T) -> Self {
        let mut hasher = Hasher::new(domain);
        hasher.put_value(value);
        hasher.finish()
    }

    /// The first eight hexadecimal digits, for people.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string()[..8].to_string()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.short())
    }
}

/// A digest in the making. Implements [`io::Write`], so values encode straight into it.
#[derive(Clone)]
pub struct Hasher(Sha256);

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher")
    }
}

impl Hasher {
    /// Starts under `domain` (at most 255 bytes).
    #[must_use]
    pub fn new(domain: &str) -> Self {
        let mut inner = Sha256::new();
        let length = u8::try_from(domain.len()).expect("domains are short constants");
        inner.update([length]);
        inner.update(domain.as_bytes());
        Self(inner)
    }

    /// Adds raw bytes, without their length.
    pub fn put(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Adds the canonical encoding of `value`.
    pub fn put_value<T: BorshSerialize + ?Sized>(&mut self, value: &T) {
        value.serialize(self).expect("writing to a hasher cannot fail");
    }

    /// The digest.
    #[must_use]
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

impl io::Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
