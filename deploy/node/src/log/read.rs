//! Reading a log back, and deciding what a damaged place means.

use super::base::{self, Base};
use super::format::{self, Identity, SEGMENT_HEADER, Segment};
use super::{LogError, Take, segment_path};
use layout::Durability;
use std::fs;
use std::path::{Path, PathBuf};

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
            // Died while the file was being created: nothing was ever written behind the header.
            None if is_last && bytes.len() <= SEGMENT_HEADER => {
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
        let Some(batch) = format::read_batch(&bytes[at..], position) else {
            let relied_upon = match (format::synced_later(&bytes[at..], position), level) {
                (None, _) => false,
                // What follows was written after this had been handed to the system.
                (Some(_), Durability::Process) => true,
                (Some(synced), Durability::Power) => synced > position,
            };
            if !is_last || relied_upon {
                return Err(LogError::Corrupt { path, offset: at as u64 });
            }
            let torn = (bytes.len() - at) as u64;
            return Ok(End {
                segment: number,
                start,
                length: at as u64,
                torn,
                base: (0, 0),
                replaced: 0,
            });
        };
        take(&path, at as u64, batch.records)?;
        at += batch.length;
    }
    Ok(End { segment: number, start, length: at as u64, torn: 0, base: (0, 0), replaced: 0 })
}
