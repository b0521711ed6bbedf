//! Sequences whose type says how long they may get.
//!
//! The count is checked against the cap before anything is reserved, and what is reserved for a
//! list never exceeds a few kilobytes before its items have really been read: a frame of a
//! hundred bytes cannot make the decoder allocate a megabyte.

use borsh::{BorshDeserialize, BorshSerialize};
use std::io::{Error, ErrorKind, Read, Result, Write};
use std::ops::{Deref, DerefMut};

/// At most `MAX` items. The encoding is a `u32` count and the items.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct List<T, const MAX: usize>(Vec<T>);

/// At most `MAX` bytes. The encoding is a `u32` count and the bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Blob<const MAX: usize>(Vec<u8>);

/// A sequence that is longer than its type allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{count} items where at most {max} are allowed")]
pub struct TooLong {
    /// How many there were.
    pub count: usize,
    /// How many the type allows.
    pub max: usize,
}

impl<T, const MAX: usize> List<T, MAX> {
    /// The cap.
    pub const MAX: usize = MAX;

    /// Takes `items`.
    ///
    /// # Errors
    /// More than `MAX` items.
    pub fn new(items: Vec<T>) -> std::result::Result<Self, TooLong> {
        if items.len() > MAX {
            return Err(TooLong { count: items.len(), max: MAX });
        }
        Ok(Self(items))
    }

    /// The empty list.
    #[must_use]
    pub const fn empty() -> Self {
        Self(Vec::new())
    }

    /// Takes at most `MAX` items from `items`; the rest stay there.
    pub fn take(items: &mut impl Iterator<Item = T>) -> Self {
        Self(items.take(MAX).collect())
    }

    /// The items.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T, const MAX: usize> Default for List<T, MAX> {
    fn default() -> Self {
        Self::empty()
    }
}

impl<T, const MAX: usize> Deref for List<T, MAX> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T, const MAX: usize> DerefMut for List<T, MAX> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

impl<T: BorshSerialize, const MAX: usize> BorshSerialize for List<T, MAX> {
    fn serialize<W: Write>(&self, writer: &mut W) -> Result<()> {
        self.0.serialize(writer)
    }
}

impl<T: BorshDeserialize, const MAX: usize> BorshDeserialize for List<T, MAX> {
    fn deserialize_reader<R: Read>(reader: &mut R) -> Result<Self> {
        let count = checked_count(reader, MAX)?;
        let affordable = (4096 / size_of::<T>().max(1)).max(1);
        let mut items = Vec::with_capacity(count.min(affordable));
        for _ in 0..count {
            items.push(T::deserialize_reader(reader)?);
        }
        Ok(Self(items))
    }
}

impl<const MAX: usize> Blob<MAX> {
    /// The cap.
    pub const MAX: usize = MAX;

    /// Takes `bytes`.
    ///
    /// # Errors
    /// More than `MAX` bytes.
    pub fn new(bytes: Vec<u8>) -> std::result::Result<Self, TooLong> {
        if bytes.len() > MAX {
            return Err(TooLong { count: bytes.len(), max: MAX });
        }
        Ok(Self(bytes))
    }

    /// The bytes.
    #[must_use]
    pub fn into_vec(self) -> Vec<u8> {
        self.0
    }
}

impl<const MAX: usize> Deref for Blob<MAX> {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<const MAX: usize> BorshSerialize for Blob<MAX> {
    fn serialize<W: Write>(&self, writer: &mut W) -> Result<()> {
        self.0.serialize(writer)
    }
}

impl<const MAX: usize> BorshDeserialize for Blob<MAX> {
    fn deserialize_reader<R: Read>(reader: &mut R) -> Result<Self> {
        let count = checked_count(reader, MAX)?;
        let mut bytes = Vec::new();
        while bytes.len() < count {
            let read = bytes.len();
            let more = (count - read).min(read.max(4096));
            bytes.resize(read + more, 0);
            reader.read_exact(&mut bytes[read..]).map_err(|error| match error.kind() {
                ErrorKind::UnexpectedEof => {
                    Error::new(ErrorKind::InvalidData, "ends within a byte string")
                }
                _ => error,
            })?;
        }
        Ok(Self(bytes))
    }
}

fn checked_count<R: Read>(reader: &mut R, max: usize) -> Result<usize> {
    let count = u32::deserialize_reader(reader)? as usize;
    if count > max {
        return Err(Error::new(ErrorKind::InvalidData, TooLong { count, max }));
    }
    Ok(count)
}
