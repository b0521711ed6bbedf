//! From the log's records to the core's first inputs: decode, authenticate again, feed in order.

use crate::log::{Identity, Kind, Log, LogError, Opened, Raw};
use crate::mailbox::Arrived;
use crate::say::say;
use crate::verify::Verifier;
use layout::NodeFile;
use std::path::{Path, PathBuf};
use wire::machine::{Input, Protocol, Record};
use wire::{Memory, codec};

/// Records that are authenticated together, on all processors.
const CHUNK: usize = 4096;

/// Bytes of records that are authenticated together, unless one batch has more.
const CHUNK_BYTES: usize = 64 << 20;

/// Processors used at most.
const WORKERS: usize = 8;

/// A log to be read.
pub(crate) struct Recovery<'a, P: Protocol> {
    dir: &'a Path,
    identity: &'a Identity,
    node: &'a NodeFile,
    verifier: &'a Verifier<P>,
}

/// A record and where it stands.
struct Placed {
    raw: Raw,
    path: PathBuf,
    offset: u64,
}

/// Prepares to read the log in `dir`.
pub(crate) fn log<'a, P: Protocol>(
    dir: &'a Path,
    identity: &'a Identity,
    node: &'a NodeFile,
    verifier: &'a Verifier<P>,
) -> Recovery<'a, P> {
    Recovery { dir, identity, node, verifier }
}

impl<P: Protocol> Recovery<'_, P> {
    /// Hands all records to `take`, in order and a bounded number at a time, and opens the log for
    /// appending. Tells whether they are all that the replica relied upon.
    ///
    /// # Errors
    /// The log is damaged, not ours, or holds what does not verify.
    pub(crate) fn feed(
        self,
        take: &mut dyn FnMut(Vec<Arrived<P>>),
    ) -> Result<(Log, Memory), LogError> {
        let mut waiting: Vec<Placed> = Vec::new();
        let (mut count, mut bytes) = (0, 0);
        let mut collect = |path: &Path, offset, records: Vec<Raw>| {
            bytes += records.iter().map(|raw| raw.bytes.len()).sum::<usize>();
            let placed = |raw| Placed { raw, path: path.to_path_buf(), offset };
            waiting.extend(records.into_iter().map(placed));
            if waiting.len() >= CHUNK || bytes >= CHUNK_BYTES {
                bytes = 0;
                count += waiting.len();
                take(self.admit_all(std::mem::take(&mut waiting))?);
            }
            Ok(())
        };
        let NodeFile { durability, log_limit, .. } = *self.node;
        let Opened { log, torn, is_lost } =
            Log::open(self.dir, *self.identity, durability, log_limit, &mut collect)?;
        count += waiting.len();
        take(self.admit_all(waiting)?);
        if count > 0 {
            say!("{}: {count} records recovered", self.dir.display());
        }
        if torn > 0 {
            say!(
                "{}: an incomplete batch of {torn} bytes at the end was cut off; if it was torn by \
                 a crash, nothing that depended on it was ever sent",
                self.dir.display()
            );
        }
        if is_lost {
            say!(
                "{}: lost: this replica has promised things that it no longer knows, so it only \
                 listens until the others have let it in again (`status` shows it as recovering)",
                self.dir.display()
            );
        }
        let memory = if is_lost { Memory::Lost { nonce: nonce()? } } else { Memory::Whole };
        Ok((log, memory))
    }

    fn admit_all(&self, records: Vec<Placed>) -> Result<Vec<Arrived<P>>, LogError> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from).min(WORKERS);
        let share = records.len().div_ceil(cores).max(1);
        let parts = std::thread::scope(|scope| {
            let admit = |part| {
                move || -> Result<Vec<_>, LogError> {
                    <[Placed]>::iter(part).map(|placed| self.admit(placed)).collect()
                }
            };
            let workers: Vec<_> =
                records.chunks(share).map(|part| scope.spawn(admit(part))).collect();
            let join = |worker: std::thread::ScopedJoinHandle<'_, _>| {
                worker.join().expect("a panic has ended the process")
            };
            workers.into_iter().map(join).collect::<Result<Vec<_>, LogError>>()
        })?;
        Ok(parts.into_iter().flatten().collect())
    }

    fn admit(&self, placed: &Placed) -> Result<Arrived<P>, LogError> {
        let Placed { raw: Raw { kind, bytes }, path, offset } = placed;
        let wrong = |what| LogError::Record { path: path.clone(), offset: *offset, what };
        let record = match kind {
            Kind::Promise => Record::Promise(
                codec::decode(bytes).map_err(|error| wrong(format!("does not decode: {error}")))?,
            ),
            Kind::Held => {
                let admitted = self.verifier.admit(bytes);
                Record::Held(admitted.map_err(|why| wrong(format!("does not verify: {why:?}")))?)
            }
        };
        let bytes = self.verifier.keeps_bytes.then(|| bytes.clone());
        Ok(Arrived { input: Input::Recovered(record), bytes })
    }
}

/// Names the life of a replica that does not know its earlier ones.
fn nonce() -> Result<u64, LogError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| LogError::NoRandomness(error.to_string()))?;
    Ok(u64::from_le_bytes(bytes))
}
