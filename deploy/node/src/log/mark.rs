//! The sign that a log was begun: how a replica whose log is gone knows that there was one.
//!
//! A replica that forgot its promises must not vote as if it had made none, and an empty log alone
//! does not tell a new replica from a forgetful one. So there is a file beside the log's folder,
//! `log.begun`. It is made when the log's first batch is on disk and before anything leaves that
//! depends on it, and never removed:
//!
//! - no mark: nothing that was logged here was ever relied upon; if there are records all the same, the
//!   process died in between, and the mark is made up for before the replica goes on;
//! - a mark and records: the log is all that is remembered;
//! - a mark and no records: what was logged is gone. So it stays until the replica, told so, has
//!   logged something again; that first record says that the memory was lost.
//!
//! A folder that was put back to what it was before the first start, mark and all, is past finding out.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const TEXT: &str = "\
A log was begun in the folder `log` beside this file. If that is gone, this replica lost its memory,
and this file is how it knows. Do not remove it.
";

/// The mark of the log in `dir`.
pub(super) fn path(dir: &Path) -> PathBuf {
    dir.with_file_name("log.begun")
}

/// Whether there is one.
pub(super) fn is_there(dir: &Path) -> io::Result<bool> {
    path(dir).try_exists()
}

/// Makes it, its name and that of the log's folder on disk.
pub(super) fn make(dir: &Path) -> io::Result<()> {
    let path = path(dir);
    let mut file = File::create(&path)?;
    file.write_all(TEXT.as_bytes())?;
    file.sync_all()?;
    path.parent().map_or(Ok(()), |host| File::open(host)?.sync_all())
}
