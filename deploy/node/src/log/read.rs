//! Reading a log back, and deciding what a broken place means.
//!
//! A batch is written by one append and relied upon afterwards. So whatever can come of an append
//! that was interrupted is a *tear*: nothing had left that depended on it, and it is cut off. What
//! cannot is *damage*: somebody may rely on what stood there, so the log is refused and left as it is.
//! A tear is found only at the end of the last segment, and looks like one of these:
//!
//! 1. The file ends within a batch's header. The system takes an append from its start, so a process
//!    that dies, or a disk that fills up, leaves its first part; no batch is so short.
//! 2. The file ends within a batch's payload, and the header, which has a checksum of its own, is right:
//!    the length that says so can be believed.
//! 3. At level *power* alone: a whole header or payload does not match, some page of it ([`PAGE`])
//!    reads as nothing but zeros from the batch's start, or the page's, to the page's end, or the
//!    file's, and no intact batch behind it was written after it was synced. A host that loses power
//!    may have recorded a file's new length and some of its new pages, in any order, but not all;
//!    pages that were never written read as zeros. What a batch has of its first and its last page is
//!    never all zeros when it was written; that a page in between was is believed of the disk, so there
//!    alone a client that has thousands of zeros logged can make damage to the last batch look like a
//!    tear.
//! 4. The last segment ends within the segment's header, or, at level *power*, is that header's length
//!    of zeros: it was being created, and is synced before anything is written to it.
//!
//! Everything else is damage at both levels, the last batch's every bit included. At level *process*
//! unwritten pages are damage too: they tell of a lost host, which that level does not survive.
//! A last batch that was cut off as a whole, or down to one of these forms, is past finding out: a
//! file that was truncated looks like an append that was interrupted.

use super::base::{self, Base};
use super::format::{self, Broken, Identity, SEGMENT_HEADER, Segment};
use super::{LogError, Take, segment_path};
use layout::Durability;
use std::fs;
use std::path::{Path, PathBuf};

/// What a disk writes or does not write as a whole. Unit: bytes.
const PAGE: usize = 4096;

/// Where the log ends, and what was cut off there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct End {
    /// Number of the last segment; 0 if there is none.
    pub(crate) segment: u64,
    /// Position of that segment's first byte.
    pub(crate) start: u64,
    /// Intact bytes of that segment.
    pub(crate) length: u64,
    /// Bytes after them that were never relied upon.
    pub(crate) torn: u64,
    /// Position at which the segments begin, and length of the base before them. 0 without one.
    pub(crate) base: (u64, u64),
    /// The last segment that the base replaces; 0 without one.
    pub(crate) replaced: u64,
}

/// Numbers of the files in `dir` whose names end in `ending`, ascending.
pub(crate) fn numbers(dir: &Path, ending: &str) -> Result<Vec<u64>, LogError> {
    let io = |source| LogError::Io { path: dir.to_path_buf(), doing: "read", source };
    let mut numbers = Vec::new();
    for entry in fs::read_dir(dir).map_err(io)? {
        let name = entry.map_err(io)?.file_name();
        let stem = name.to_str().and_then(|name| name.strip_suffix(ending));
        numbers.extend(stem.and_then(|stem| stem.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// Hands every batch's records to `take`, in order, with the file and offset where it stands.
/// Changes nothing on disk.
pub(crate) fn read(
    dir: &Path,
    identity: &Identity,
    level: Durability,
    take: &mut Take<'_>,
) -> Result<End, LogError> {
    let mut numbers = numbers(dir, ".log")?;
    let mut end = End { segment: 0, start: 0, length: 0, torn: 0, base: (0, 0), replaced: 0 };
    let mut first = 1;
    if let Some(Base { path, number, start, length, batches }) =
        base::find(dir, identity, &numbers)?
    {
        batches.into_iter().try_for_each(|(offset, records)| take(&path, offset, records))?;
        first = number + 1;
        numbers.retain(|segment| *segment > number);
        if numbers.is_empty() {
            return Err(LogError::Missing { path: segment_path(dir, first) });
        }
        end = End {
            segment: number,
            start,
            length: 0,
            torn: 0,
            base: (start, length),
            replaced: number,
        };
    }
    let (base, replaced, last) = (end.base, end.replaced, numbers.last().copied());
    for (expected, &number) in (first..).zip(&numbers) {
        let path = segment_path(dir, number);
        if number != expected {
            return Err(LogError::Missing { path: segment_path(dir, expected) });
        }
        let is_last = Some(number) == last;
        let bytes = fs::read(&path).map_err(|source| LogError::Io {
            path: path.clone(),
            doing: "read",
            source,
        })?;
        let start = end.start + end.length;
        match Segment::decode(&bytes) {
            Some(header) => check_header(&path, &header, identity, number, start)?,
            None if is_last && was_being_created(&bytes, level) => {
                let torn = bytes.len() as u64;
                end = End { segment: number, start, length: 0, torn, base, replaced };
                continue;
            }
            None => return Err(LogError::Corrupt { path, offset: 0 }),
        }
        end = read_batches(path, &bytes, start, number, is_last, level, take)?;
        (end.base, end.replaced) = (base, replaced);
    }
    Ok(end)
}

/// Whether the file is of this format and this replica.
pub(crate) fn check_identity(
    path: &Path,
    header: &Segment,
    identity: &Identity,
) -> Result<(), LogError> {
    let path = || path.to_path_buf();
    if header.format != format::FORMAT {
        return Err(LogError::Format { path: path(), format: header.format });
    }
    if header.identity != *identity {
        return Err(LogError::Foreign { path: path() });
    }
    Ok(())
}

fn check_header(
    path: &Path,
    header: &Segment,
    identity: &Identity,
    number: u64,
    start: u64,
) -> Result<(), LogError> {
    check_identity(path, header, identity)?;
    if (header.number, header.start) != (number, start) {
        return Err(LogError::Corrupt { path: path.to_path_buf(), offset: 0 });
    }
    Ok(())
}

fn read_batches(
    path: PathBuf,
    bytes: &[u8],
    start: u64,
    number: u64,
    is_last: bool,
    level: Durability,
    take: &mut Take<'_>,
) -> Result<End, LogError> {
    let mut at = SEGMENT_HEADER;
    while at < bytes.len() {
        let position = start + at as u64;
        let batch = match format::read_batch(&bytes[at..], position) {
            Ok(batch) => batch,
            Err(broken) if is_last && is_torn(bytes, at, position, broken, level) => {
                let torn = (bytes.len() - at) as u64;
                let length = at as u64;
                return Ok(End { segment: number, start, length, torn, base: (0, 0), replaced: 0 });
            }
            Err(_) => return Err(LogError::Corrupt { path, offset: at as u64 }),
        };
        take(&path, at as u64, batch.records)?;
        at += batch.length;
    }
    Ok(End { segment: number, start, length: at as u64, torn: 0, base: (0, 0), replaced: 0 })
}

/// Whether a last segment without a header can come of its creation that was interrupted.
fn was_being_created(bytes: &[u8], level: Durability) -> bool {
    let is_unwritten = level == Durability::Power && bytes.iter().all(|byte| *byte == 0);
    bytes.len() < SEGMENT_HEADER || (bytes.len() == SEGMENT_HEADER && is_unwritten)
}

/// Whether the `broken` batch at offset `at` of the last segment, at `position` of the log, can come of
/// an append that was interrupted. The head of this module says why.
fn is_torn(bytes: &[u8], at: usize, position: u64, broken: Broken, level: Durability) -> bool {
    match (broken, level) {
        (Broken::Short, _) => true,
        (Broken::Damaged { .. }, Durability::Process) => false,
        (Broken::Damaged { within }, Durability::Power) => {
            let synced = format::synced_later(&bytes[at..], position);
            has_unwritten_page(bytes, at, within) && synced.is_none_or(|synced| synced <= position)
        }
    }
}

/// Whether a page that has some of the `length` bytes from `at` on was never written since `at` was
/// the end of the file.
fn has_unwritten_page(bytes: &[u8], at: usize, length: usize) -> bool {
    let mut pages = at / PAGE..=(at + length - 1) / PAGE;
    pages.any(|page| {
        let end = (page * PAGE + PAGE).min(bytes.len());
        bytes[(page * PAGE).max(at)..end].iter().all(|byte| *byte == 0)
    })
}
