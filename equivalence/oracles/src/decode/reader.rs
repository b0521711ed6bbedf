//! Holds bytes against a layout without making anything of them.

use super::grammar::Layout;
use std::fmt;

/// Where bytes leave their layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// How many bytes were left there.
    pub(super) left: usize,
    /// What was met there.
    pub(super) why: &'static str,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {} bytes to go", self.why, self.left)
    }
}

/// What holds of `rest`, unless it is at fault.
fn at<T>(rest: &[u8], found: Option<T>, why: &'static str) -> Result<T, Fault> {
    found.ok_or(Fault { left: rest.len(), why })
}

const SHORT: &str = "too few bytes";

/// `rest` without its first `count` bytes.
fn skip(rest: &[u8], count: usize) -> Result<&[u8], Fault> {
    at(rest, rest.get(count..), SHORT)
}

/// The byte that `rest` begins with.
fn tag(rest: &[u8]) -> Result<(u8, &[u8]), Fault> {
    at(rest, rest.split_first().map(|(tag, rest)| (*tag, rest)), SHORT)
}

/// The count that `rest` begins with.
fn count(rest: &[u8], cap: usize) -> Result<(usize, &[u8]), Fault> {
    let (bytes, after) = at(rest, rest.split_first_chunk(), SHORT)?;
    let count = usize::try_from(u32::from_le_bytes(*bytes)).ok();
    let count = at(rest, count.filter(|&count| count <= cap), "a count above its cap")?;
    Ok((count, after))
}

/// What is left of `rest` behind a value of `layout`.
fn read<'a>(layout: &Layout, rest: &'a [u8]) -> Result<&'a [u8], Fault> {
    match layout {
        Layout::Fixed(length) => skip(rest, *length),
        Layout::Blob(cap) => {
            let (count, rest) = count(rest, *cap)?;
            skip(rest, count)
        }
        Layout::List(cap, item) => {
            let (count, rest) = count(rest, *cap)?;
            (0..count).try_fold(rest, |rest, _| read(item, rest))
        }
        Layout::Optional(item) => match tag(rest)? {
            (0, rest) => Ok(rest),
            (1, rest) => read(item, rest),
            _ => at(rest, None, "an unknown tag"),
        },
        Layout::Choice(items) => {
            let (tag, after) = tag(rest)?;
            read(at(rest, items.get(usize::from(tag)), "an unknown tag")?, after)
        }
        Layout::Row(items) => items.iter().try_fold(rest, |rest, item| read(item, rest)),
    }
}

/// Whether `bytes` are one value of `layout` and nothing else.
pub(super) fn exactly(layout: &Layout, bytes: &[u8]) -> Result<(), Fault> {
    let rest = read(layout, bytes)?;
    at(rest, rest.is_empty().then_some(()), "a whole message")
}
