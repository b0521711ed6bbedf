//! The replica's log: promises, and what they rest on.
//!
//! Append-only segments of checksummed batches, one write for each turn of the core. [`Log`]
//! appends on the core's thread; [`Syncer`] makes durable what was appended, from another thread,
//! so that the core goes on while the disk works.
//!
//! The core may let the log begin anew ([`Log::rewrite`]): appending goes on in a new segment, while a
//! thread writes the file that takes the place of all before it.
//!
//! On restart what an interrupted append left at the very end is cut off: no message left that
//! depended on it, since a batch is written before anything is sent. Damage is an error that names
//! file and offset, and nothing is changed. The module `read` says which is which.
//!
//! A log that is gone, or holds nothing although it once did, is known by its *mark*, a file beside
//! it (`mark`): the replica then starts as one that lost its memory.

mod base;
mod format;
mod mark;
mod read;
#[cfg(test)]
mod tests;

pub(crate) use base::Fill;
pub(crate) use format::{Identity, Kind, Raw};

use crate::say::say;
use format::{SEGMENT_HEADER, Segment};
use layout::Durability;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The log is not begun anew until at least so much was appended since, or as much as it began with
/// if that is more: so rewriting costs no more than appending does. Unit: bytes.
const WORTHWHILE: u64 = 4 << 20;

/// A segment takes no further batch from here on. Unit: bytes.
const SEGMENT_SIZE: u64 = 64 << 20;

/// Why a log cannot be read or extended. Each names its file and the mend.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LogError {
    #[error("{}: cannot be {doing}: {source}", path.display())]
    Io { path: PathBuf, doing: &'static str, source: io::Error },
    #[error(
        "{}: corrupt at offset {offset}: a record that was relied upon does not match its \
         checksum; nothing was changed. Move the `log` folder away, leave `log.begun` in its place and \
         start again: the replica rejoins as one that lost its log. An older copy of the log is no \
         mend: it has forgotten promises and does not know it", path.display()
    )]
    Corrupt { path: PathBuf, offset: u64 },
    #[error(
        "{}: missing, but later parts of the log are there; if it cannot be found, move the `log` \
         folder away, leave `log.begun` in its place and start again: the replica rejoins as one \
         that lost its log", path.display()
    )]
    Missing { path: PathBuf },
    #[error(
        "{}: written in format {format}, but this program knows {}; use the matching version",
        path.display(), format::FORMAT
    )]
    Format { path: PathBuf, format: u16 },
    #[error(
        "{}: belongs to another cluster, epoch or replica; move the `log` folder back to its own \
         host folder", path.display()
    )]
    Foreign { path: PathBuf },
    #[error(
        "{}: the record at offset {offset} is intact but {what}; it was written by another \
         program or for other keys", path.display()
    )]
    Record { path: PathBuf, offset: u64, what: String },
    #[error("the system gives no random number, which a replica needs that lost its log: {0}")]
    NoRandomness(String),
    #[error(
        "{}: cannot be extended: {source}; the replica stops before it says anything that is not \
         on disk; make room and start it again", path.display()
    )]
    Append { path: PathBuf, source: io::Error },
    #[error(
        "{}: the log has reached its limit of {limit} bytes; the replica stops before it says \
         anything that is not on disk; raise `log_limit` in node.toml and start it again",
        path.display()
    )]
    Full { path: PathBuf, limit: u64 },
}

/// Takes the records of one batch, with the file and the offset where it stands.
pub(crate) type Take<'a> = dyn FnMut(&Path, u64, Vec<Raw>) -> Result<(), LogError> + 'a;

fn segment_path(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number:08}.log"))
}

/// What appending and syncing threads share.
#[derive(Debug)]
struct Shared {
    current: Mutex<Arc<File>>,
    /// Position up to which everything was handed to the system.
    written: AtomicU64,
    /// Position up to which everything is on disk.
    synced: AtomicU64,
    syncs: AtomicU64,
    /// Position at which the segments kept begin, and length of the base before them.
    base: Mutex<(u64, u64)>,
    /// Whether a base is being written.
    rewriting: AtomicBool,
}

/// Appends. Owned by the core's thread.
#[derive(Debug)]
pub(crate) struct Log {
    dir: PathBuf,
    identity: Identity,
    file: Arc<File>,
    segment: u64,
    /// Of the segment's first byte.
    start: u64,
    position: u64,
    limit: u64,
    /// Least growth that makes a rewrite worth its while, in bytes and in lengths of the base.
    worthwhile: (u64, u64),
    batch: Vec<u8>,
    /// Whether the mark is on disk.
    is_marked: bool,
    shared: Arc<Shared>,
}

/// A log that was read and can be extended.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) log: Log,
    /// Bytes cut off at the end.
    pub(crate) torn: u64,
    /// Whether there was a log here that is gone.
    pub(crate) is_lost: bool,
}

/// Makes durable what was appended.
#[derive(Clone, Debug)]
pub(crate) struct Syncer(Arc<Shared>);

impl Log {
    /// Reads the log in `dir` (created if absent), handing each batch's records to `take` with
    /// file and offset, cuts off a torn tail, and opens it for appending.
    pub(crate) fn open(
        dir: &Path,
        identity: Identity,
        level: Durability,
        limit: u64,
        take: &mut Take<'_>,
    ) -> Result<Opened, LogError> {
        let io = |path: &Path, doing| {
            let path = path.to_path_buf();
            move |source| LogError::Io { path, doing, source }
        };
        std::fs::create_dir_all(dir).map_err(io(dir, "created"))?;
        let is_marked = mark::is_there(dir).map_err(io(&mark::path(dir), "read"))?;
        let mut is_empty = true;
        let mut take = |path: &Path, offset, records: Vec<Raw>| {
            is_empty &= records.is_empty();
            take(path, offset, records)
        };
        let end = read::read(dir, &identity, level, &mut take)?;
        let is_lost = is_marked && is_empty && end.replaced == 0;
        let has_header = end.length > 0;
        let (number, start) = if end.segment == 0 { (1, 0) } else { (end.segment, end.start) };
        let path = segment_path(dir, number);
        let file = if has_header {
            let file = OpenOptions::new().append(true).open(&path).map_err(io(&path, "opened"))?;
            file.set_len(end.length).map_err(io(&path, "cut to its intact part"))?;
            file
        } else {
            let _ = std::fs::remove_file(&path);
            create_segment(dir, &identity, number, start).map_err(io(&path, "created"))?
        };
        file.sync_all().map_err(io(&path, "synced"))?;
        let position = start + if has_header { end.length } else { SEGMENT_HEADER as u64 };
        let file = Arc::new(file);
        let shared = Arc::new(Shared {
            current: Mutex::new(Arc::clone(&file)),
            written: AtomicU64::new(position),
            synced: AtomicU64::new(position),
            syncs: AtomicU64::new(1),
            base: Mutex::new(end.base),
            rewriting: AtomicBool::new(false),
        });
        // What a base replaced, and a crash left behind.
        base::clean(dir, end.replaced);
        let dir = dir.to_path_buf();
        let mut batch = Vec::new();
        format::start_batch(&mut batch);
        let segment = number;
        let worthwhile = (WORTHWHILE.min(limit / 4), 1);
        let mut log = Self {
            dir,
            identity,
            file,
            segment,
            start,
            position,
            limit,
            worthwhile,
            batch,
            is_marked,
            shared,
        };
        if !is_empty {
            log.mark()?;
        }
        Ok(Opened { log, torn: end.torn, is_lost })
    }

    /// For the thread that syncs.
    pub(crate) fn syncer(&self) -> Syncer {
        Syncer(Arc::clone(&self.shared))
    }

    /// Where the next batch will stand.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Adds a record to the batch in the making. `write` appends its bytes.
    pub(crate) fn add(&mut self, kind: Kind, write: impl FnOnce(&mut Vec<u8>)) {
        format::add_record(&mut self.batch, kind, write);
    }

    /// Hands the batch to the system in one write, if it holds anything. On an error nothing of
    /// the batch may be acted upon; what part of it reached the file is cut off on restart.
    pub(crate) fn commit(&mut self) -> Result<(), LogError> {
        if self.batch.len() == format::BATCH_HEADER {
            return Ok(());
        }
        if self.position - self.start >= SEGMENT_SIZE {
            self.roll()?;
        }
        let path = || segment_path(&self.dir, self.segment);
        let (start, length) = *self.shared.base.lock().unwrap_or_else(PoisonError::into_inner);
        if self.position - start + length + self.batch.len() as u64 > self.limit {
            return Err(LogError::Full { path: path(), limit: self.limit });
        }
        let synced = self.shared.synced.load(Ordering::Acquire);
        format::finish_batch(&mut self.batch, self.position, synced);
        let mut file = &*self.file;
        file.write_all(&self.batch).map_err(|source| LogError::Append { path: path(), source })?;
        self.position += self.batch.len() as u64;
        self.shared.written.store(self.position, Ordering::Release);
        format::start_batch(&mut self.batch);
        self.mark()
    }

    /// Leaves the mark, unless it is there: once the log holds a record, and before anything may be
    /// relied upon.
    fn mark(&mut self) -> Result<(), LogError> {
        if self.is_marked {
            return Ok(());
        }
        let path = mark::path(&self.dir);
        let made = self.file.sync_data().and_then(|()| mark::make(&self.dir));
        made.map_err(|source| LogError::Append { path, source })?;
        self.is_marked = true;
        Ok(())
    }

    /// Begins the log anew with what `fill` writes, which stands for everything added so far, if that
    /// is worth its while by now. Returns at once; a thread of its own writes, and until it is done
    /// the old log stays. That it cannot be written is said and changes nothing.
    pub(crate) fn rewrite(&mut self, fill: Fill) -> Result<(), LogError> {
        self.commit()?;
        let (start, length) = *self.shared.base.lock().unwrap_or_else(PoisonError::into_inner);
        let grown = self.position - start;
        let (least, times) = self.worthwhile;
        if grown < least.max(times.saturating_mul(length))
            || self.shared.rewriting.load(Ordering::Acquire)
        {
            return Ok(());
        }
        self.roll()?;
        let (dir, identity) = (self.dir.clone(), self.identity);
        let (number, start) = (self.segment - 1, self.start);
        let shared = Arc::clone(&self.shared);
        shared.rewriting.store(true, Ordering::Release);
        let run = move || {
            match base::write(&dir, &identity, number, start, fill) {
                Ok(length) => {
                    *shared.base.lock().unwrap_or_else(PoisonError::into_inner) = (start, length);
                }
                Err(error) => {
                    say!("{}: cannot be begun anew: {error}; it goes on growing", dir.display());
                }
            }
            shared.rewriting.store(false, Ordering::Release);
        };
        let thread = std::thread::Builder::new().name("rewrite".to_string()).spawn(run);
        if let Err(error) = thread {
            self.shared.rewriting.store(false, Ordering::Release);
            say!("{}: cannot be begun anew: {error}; it goes on growing", self.dir.display());
        }
        Ok(())
    }

    /// Goes on in a new segment. The old one is on disk before the new one exists.
    fn roll(&mut self) -> Result<(), LogError> {
        let number = self.segment + 1;
        let path = segment_path(&self.dir, number);
        let append = |source| LogError::Append { path: path.clone(), source };
        self.file.sync_data().map_err(append)?;
        let file = create_segment(&self.dir, &self.identity, number, self.position);
        self.file = Arc::new(file.map_err(append)?);
        self.segment = number;
        self.start = self.position;
        self.position += SEGMENT_HEADER as u64;
        let mut current = self.shared.current.lock().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::clone(&self.file);
        self.shared.syncs.fetch_add(1, Ordering::Relaxed);
        self.shared.synced.fetch_max(self.position, Ordering::AcqRel);
        self.shared.written.store(self.position, Ordering::Release);
        Ok(())
    }
}

/// Creates a segment, header and name on disk.
fn create_segment(dir: &Path, identity: &Identity, number: u64, start: u64) -> io::Result<File> {
    let header = Segment { format: format::FORMAT, identity: *identity, number, start };
    let path = segment_path(dir, number);
    let mut file = OpenOptions::new().append(true).create_new(true).open(path)?;
    file.write_all(&header.encode())?;
    file.sync_all()?;
    File::open(dir)?.sync_all()?;
    Ok(file)
}

impl Syncer {
    /// Whether everything below `position` is on disk.
    pub(crate) fn has(&self, position: u64) -> bool {
        self.0.synced.load(Ordering::Acquire) >= position
    }

    /// Returns when everything that had been appended at the call is on disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        // In this order: a segment that is replaced in between was synced by whoever replaced it.
        let written = self.0.written.load(Ordering::Acquire);
        let file = Arc::clone(&self.0.current.lock().unwrap_or_else(PoisonError::into_inner));
        file.sync_data()?;
        self.0.syncs.fetch_add(1, Ordering::Relaxed);
        self.0.synced.fetch_max(written, Ordering::AcqRel);
        Ok(())
    }

    /// How often the disk was waited for.
    pub(crate) fn syncs(&self) -> u64 {
        self.0.syncs.load(Ordering::Relaxed)
    }
}
