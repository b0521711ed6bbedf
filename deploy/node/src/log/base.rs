//! A log begun anew: one file that stands for all segments before it.
//!
//! A *base* is a header like a segment's, batches, and an empty batch as end mark. Its header names
//! the last segment that it replaces and the position at which the next one starts. It is written
//! under another name, synced, read back, and only then renamed and its name synced; what it
//! replaces is deleted after that. So at any moment either all that it replaces or all of it is on
//! disk, and a reader that finds both takes the base.

use super::format::{self, Identity, Kind, Raw, SEGMENT_HEADER, Segment};
use super::{LogError, read, segment_path};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Where a batch of a base is closed. Unit: bytes.
const BATCH: usize = 1 << 20;

/// Writes the records of a base.
pub(crate) type Fill = Box<dyn FnOnce(&mut Sink) -> io::Result<()> + Send>;

fn base_path(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number:08}.base"))
}

/// The file of a base in the making.
fn unfinished_path(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number:08}.tmp"))
}

/// Where the records of a base go.
#[derive(Debug)]
pub(crate) struct Sink {
    file: File,
    /// Bytes written so far.
    offset: u64,
    batch: Vec<u8>,
}

impl Sink {
    /// Adds a record. `write` appends its bytes.
    pub(crate) fn add(&mut self, kind: Kind, write: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        format::add_record(&mut self.batch, kind, write);
        if self.batch.len() >= BATCH { self.close() } else { Ok(()) }
    }

    /// Writes the batch, empty or not.
    fn close(&mut self) -> io::Result<()> {
        format::finish_batch(&mut self.batch, self.offset, self.offset);
        self.file.write_all(&self.batch)?;
        self.offset += self.batch.len() as u64;
        format::start_batch(&mut self.batch);
        Ok(())
    }
}

/// A base that is whole.
pub(crate) struct Base {
    pub(crate) path: PathBuf,
    /// The last segment that it replaces.
    pub(crate) number: u64,
    /// Position at which the next segment starts.
    pub(crate) start: u64,
    /// Unit: bytes.
    pub(crate) length: u64,
    /// Offset and records of each batch.
    pub(crate) batches: Vec<(u64, Vec<Raw>)>,
}

/// Writes the base that replaces the segments up to `number` and deletes what it replaces. Returns
/// its length. Until it is on disk under its name, nothing else changes.
pub(crate) fn write(
    dir: &Path,
    identity: &Identity,
    number: u64,
    start: u64,
    fill: Fill,
) -> io::Result<u64> {
    let unfinished = unfinished_path(dir, number);
    let header = Segment { format: format::FORMAT, identity: *identity, number, start };
    let mut file = File::create(&unfinished)?;
    file.write_all(&header.encode_base())?;
    let mut batch = Vec::new();
    format::start_batch(&mut batch);
    let mut sink = Sink { file, offset: SEGMENT_HEADER as u64, batch };
    fill(&mut sink)?;
    if sink.batch.len() > format::BATCH_HEADER {
        sink.close()?;
    }
    sink.close()?;
    sink.file.sync_all()?;
    let length = sink.offset;
    drop(sink);
    // What cannot be read back must not take the place of anything.
    let whole = read_file(&unfinished, identity).is_ok_and(|base| base.length == length);
    if !whole {
        return Err(io::Error::other("what was written does not read back"));
    }
    fs::rename(&unfinished, base_path(dir, number))?;
    File::open(dir)?.sync_all()?;
    clean(dir, number);
    Ok(length)
}

/// Deletes what the base of segment `number` replaces, and what was never finished. What cannot be
/// deleted is passed over by every reader.
pub(crate) fn clean(dir: &Path, number: u64) {
    let segments = read::numbers(dir, ".log").unwrap_or_default();
    for segment in segments.into_iter().filter(|segment| *segment <= number) {
        let _ = fs::remove_file(segment_path(dir, segment));
    }
    for base in read::numbers(dir, ".base").unwrap_or_default() {
        if base < number {
            let _ = fs::remove_file(base_path(dir, base));
        }
    }
    for base in read::numbers(dir, ".tmp").unwrap_or_default() {
        let _ = fs::remove_file(unfinished_path(dir, base));
    }
}

/// The base that the log in `dir` begins with, if it has one: the newest that is whole. An older one
/// does where the newest is damaged, as long as the segments after it are still there.
pub(crate) fn find(
    dir: &Path,
    identity: &Identity,
    segments: &[u64],
) -> Result<Option<Base>, LogError> {
    let mut numbers = read::numbers(dir, ".base")?;
    let mut damage = None;
    while let Some(number) = numbers.pop() {
        match read_file(&base_path(dir, number), identity) {
            Ok(base) if base.number == number => return Ok(Some(base)),
            Ok(base) => damage = damage.or(Some(LogError::Corrupt { path: base.path, offset: 0 })),
            Err(error @ LogError::Corrupt { .. }) => damage = damage.or(Some(error)),
            Err(error) => return Err(error),
        }
        let next = numbers.last().map_or(1, |older| older + 1);
        let replaced = next..=number;
        if !replaced.into_iter().all(|segment| segments.contains(&segment)) {
            break;
        }
        if numbers.is_empty() {
            return Ok(None);
        }
    }
    damage.map_or(Ok(None), Err)
}

/// Reads one base, all of it.
fn read_file(path: &Path, identity: &Identity) -> Result<Base, LogError> {
    let bytes = fs::read(path).map_err(|source| LogError::Io {
        path: path.to_path_buf(),
        doing: "read",
        source,
    })?;
    let corrupt =
        |offset: usize| LogError::Corrupt { path: path.to_path_buf(), offset: offset as u64 };
    let header = Segment::decode_base(&bytes).ok_or_else(|| corrupt(0))?;
    read::check_identity(path, &header, identity)?;
    let (mut at, mut batches, mut ended) = (SEGMENT_HEADER, Vec::new(), false);
    while at < bytes.len() && !ended {
        let batch = format::read_batch(&bytes[at..], at as u64).map_err(|_| corrupt(at))?;
        ended = batch.records.is_empty();
        batches.push((at as u64, batch.records));
        at += batch.length;
    }
    if !ended || at != bytes.len() {
        return Err(corrupt(at));
    }
    let (number, start) = (header.number, header.start);
    Ok(Base { path: path.to_path_buf(), number, start, length: at as u64, batches })
}
