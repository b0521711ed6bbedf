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

/// Bytes gathered before they are hashed: encodings come in pieces of a few bytes.
const GATHERED: usize = 256;

/// A digest in the making. Implements [`io::Write`], so values encode straight into it.
#[derive(Clone)]
pub struct Hasher {
    inner: Sha256,
    gathered: [u8; GATHERED],
    /// How many of them wait.
    waiting: usize,
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher")
    }
}

impl Hasher {
    /// Starts under `domain` (at most 255 bytes).
    #[must_use]
    #[inline]
    pub fn new(domain: &str) -> Self {
        let length = u8::try_from(domain.len()).expect("domains are short constants");
        let mut hasher = Self { inner: Sha256::new(), gathered: [0; GATHERED], waiting: 0 };
        hasher.put(&[length]);
        hasher.put(domain.as_bytes());
        hasher
    }

    /// Adds raw bytes, without their length.
    #[inline]
    pub fn put(&mut self, bytes: &[u8]) {
        if bytes.len() > GATHERED - self.waiting {
            self.inner.update(&self.gathered[..self.waiting]);
            self.waiting = 0;
        }
        if bytes.len() > GATHERED {
            self.inner.update(bytes);
        } else {
            self.gathered[self.waiting..self.waiting + bytes.len()].copy_from_slice(bytes);
            self.waiting += bytes.len();
        }
    }

    /// Adds the canonical encoding of `value`.
    pub fn put_value<T: BorshSerialize + ?Sized>(&mut self, value: &T) {
        value.serialize(self).expect("writing to a hasher cannot fail");
    }

    /// The digest.
    #[must_use]
    pub fn finish(mut self) -> Digest {
        self.inner.update(&self.gathered[..self.waiting]);
        Digest(self.inner.finalize().into())
    }
}

impl io::Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.put(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
