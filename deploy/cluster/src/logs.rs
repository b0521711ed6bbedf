//! What replicas left in their logs for people.

use serde::Serialize;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Most bytes that are read from the end of a log.
const TAIL: u64 = 64 << 10;

/// The last words of a replica whose code panicked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Panic {
    /// The source file, as the compiler was told.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// What it said.
    pub message: String,
}

/// The text of `log` from byte `from` on, its end if that is long; empty if there is none.
fn tail(log: &Path, from: u64) -> String {
    let read = || {
        let mut file = File::open(log)?;
        let end = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(from.max(end.saturating_sub(TAIL)).min(end)))?;
        let mut bytes = Vec::new();
        file.take(TAIL).read_to_end(&mut bytes)?;
        Ok::<_, std::io::Error>(bytes)
    };
    read().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// The last `count` lines of `log` behind byte `from`.
#[must_use]
pub fn last_lines(log: &Path, from: u64, count: usize) -> String {
    let text = tail(log, from);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// The panic that `log` tells of behind byte `from`, if any.
pub(crate) fn panic(log: &Path, from: u64) -> Option<Panic> {
    tail(log, from).lines().rev().find_map(parse)
}

/// Reads a line `... panic at FILE:LINE:COLUMN: MESSAGE`.
fn parse(line: &str) -> Option<Panic> {
    let (_, rest) = line.split_once(" panic at ")?;
    let (place, message) = rest.split_once(": ")?;
    let mut parts = place.rsplitn(3, ':');
    let (_column, line, file) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Panic { file: file.into(), line: line.parse().ok()?, message: message.into() })
}

#[cfg(test)]
mod tests {
    use super::{Panic, parse};

    #[test]
    fn a_panic_line_is_taken_apart() {
        let line = "2026-11-21T10:00:00.000Z panic at src/a:b/c.rs:12:5: index: out of bounds";
        let expected =
            Panic { file: "src/a:b/c.rs".into(), line: 12, message: "index: out of bounds".into() };
        assert_eq!(parse(line), Some(expected));
        assert_eq!(parse("2026-11-21T10:00:00.000Z link to replica 2 is up"), None);
    }
}
