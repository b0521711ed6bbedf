//! The flight recorder: every input of the core, on disk before it is stepped through.
//!
//! What kills a replica is thus the last thing in its record, and [`replay`] meets it again
//! without network or disk. The record of one process before the present one is kept.
//!
//! Format: a header and entries, each a kind (`u8`), the time (`u64`), a length (`u32`) and that
//! many bytes. An incomplete entry at the end is ignored.

pub(crate) mod format;
pub(crate) mod replay;

use crate::mailbox::Arrived;
use crate::say::say;
use format::{Header, Sort};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use wire::machine::{Input, Protocol, Record};
use wire::{Time, codec};

/// Name of the record in a host folder.
pub(crate) const FILE: &str = "flight.bin";

/// Name of the record of the process before.
const BEFORE: &str = "flight.before.bin";

/// Writes the record.
#[derive(Debug)]
pub(crate) struct Recorder {
    path: PathBuf,
    /// `None` once the limit is reached or writing failed.
    file: Option<File>,
    written: u64,
    limit: u64,
    batch: Vec<u8>,
}

impl Recorder {
    /// Begins a record in host folder `dir`.
    pub(crate) fn start(dir: &Path, header: &Header, limit: u64) -> io::Result<Self> {
        let path = dir.join(FILE);
        if path.exists() {
            fs::rename(&path, dir.join(BEFORE))?;
        }
        let mut file = File::create(&path)?;
        let bytes = header.encode();
        file.write_all(&bytes)?;
        let written = bytes.len() as u64;
        Ok(Self { path, file: Some(file), written, limit, batch: Vec::new() })
    }

    /// Records `inputs`, about to be stepped through at `now`. Returns when they are with the
    /// system, so they outlive the process.
    pub(crate) fn record<P: Protocol>(&mut self, now: Time, inputs: &[Arrived<P>]) {
        let Some(file) = &mut self.file else { return };
        self.batch.clear();
        for Arrived { input, bytes } in inputs {
            let told;
            let (sort, bytes) = match input {
                Input::Recovered(Record::Promise(_)) => (Sort::RecoveredPromise, bytes.as_deref()),
                Input::Recovered(Record::Held(_)) => (Sort::RecoveredHeld, bytes.as_deref()),
                Input::Start(memory) => {
                    told = codec::encode(memory);
                    (Sort::Start, Some(&told[..]))
                }
                Input::Message(_) => (Sort::Message, bytes.as_deref()),
                Input::Update(_) => (Sort::Update, bytes.as_deref()),
                Input::Persisted(last) => {
                    told = codec::encode(last);
                    (Sort::Persisted, Some(&told[..]))
                }
                Input::Timer => (Sort::Timer, None),
            };
            format::add_entry(&mut self.batch, sort, now, bytes.unwrap_or_default());
        }
        let path = self.path.display();
        if self.written + self.batch.len() as u64 > self.limit {
            say!("{path}: recording stops at its limit of {} bytes", self.limit);
            self.file = None;
            return;
        }
        match file.write_all(&self.batch) {
            Ok(()) => self.written += self.batch.len() as u64,
            Err(error) => {
                say!("{path}: recording stops: {error}");
                self.file = None;
            }
        }
    }
}
