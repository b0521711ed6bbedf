//! A client's memory of its own numbers.
//!
//! Replicas execute a client's updates in the order of its numbers and wait at a gap, so a
//! number once used must be used to the end: if the client dies with updates unanswered, its
//! next life sends those same updates again before anything else. The journal holds, for each
//! number, the payload before it is sent and a note after it is answered; on opening it is
//! rewritten with what is unanswered alone.
//!
//! A lock beside it keeps two processes from using the same numbers. What is written survives
//! the death of the process; with [`Journal::open`]'s `is_synced` it survives the loss of power
//! too, at the price of one `fdatasync` for each batch.
//!
//! Format: records, each a length (`u32`), a checksum (CRC32) and the encoding of an entry. The
//! first entry is the header. A torn record at the end was never acted upon and is cut off.

use crate::ClientError;
use borsh::{BorshDeserialize, BorshSerialize};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use wire::client::MAX_PAYLOAD;
use wire::{Blob, ClientId, ClientSeq, Digest, codec};

/// Name of the file in a client's folder.
pub const FILE: &str = "journal";

/// Version of the format. A reader refuses any other.
const FORMAT: u16 = 1;

/// The size at which the journal is rewritten. Unit: bytes.
const REWRITE: u64 = 64 << 20;

#[derive(BorshSerialize, BorshDeserialize)]
enum Entry {
    Header { format: u16, cluster: Digest, client: ClientId, next: ClientSeq },
    Submitted { seq: ClientSeq, payload: Blob<MAX_PAYLOAD> },
    Answered { seq: ClientSeq },
}

/// Numbers used, and payloads unanswered.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// Held while the journal is.
    _lock: File,
    cluster: Digest,
    client: ClientId,
    is_synced: bool,
    size: u64,
    next: ClientSeq,
    unanswered: BTreeMap<ClientSeq, Blob<MAX_PAYLOAD>>,
    /// Encoded, not written yet.
    batch: Vec<u8>,
}

fn add(batch: &mut Vec<u8>, entry: &Entry) {
    let bytes = codec::encode(entry);
    let length = u32::try_from(bytes.len()).expect("payloads are bounded");
    batch.extend_from_slice(&length.to_le_bytes());
    batch.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
    batch.extend_from_slice(&bytes);
}

/// The entry at the start of `bytes` and what follows it; `None` where none is intact.
fn entry(bytes: &[u8]) -> Option<(Entry, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (checksum, rest) = rest.split_first_chunk::<4>()?;
    let (bytes, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    if crc32fast::hash(bytes) != u32::from_le_bytes(*checksum) {
        return None;
    }
    Some((codec::decode(bytes).ok()?, rest))
}

impl Journal {
    /// Opens the journal in client folder `dir`, or begins one at number 1.
    ///
    /// # Errors
    /// [`ClientError`]: another process holds it, it belongs to another client or cluster, or it
    /// cannot be written.
    pub fn open(
        dir: &Path,
        cluster: Digest,
        client: ClientId,
        is_synced: bool,
    ) -> Result<Self, ClientError> {
        let path = dir.join(FILE);
        let io = |source| ClientError::Journal { path: path.clone(), source };
        let lock_path = dir.join("lock");
        let lock = OpenOptions::new().create(true).append(true).open(&lock_path).map_err(io)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(ClientError::Busy { path: lock_path }),
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(io(error)),
        };
        let (next, unanswered) = read(&bytes, cluster, client)
            .map_err(|what| ClientError::Folder { path: path.clone(), what })?;
        let (file, size) = rewrite(&path, cluster, client, next, &unanswered).map_err(io)?;
        let batch = Vec::new();
        let _lock = lock;
        Ok(Self { path, file, _lock, cluster, client, is_synced, size, next, unanswered, batch })
    }

    /// Numbers used and not answered, with their payloads.
    #[must_use]
    pub fn unanswered(&self) -> &BTreeMap<ClientSeq, Blob<MAX_PAYLOAD>> {
        &self.unanswered
    }

    /// How far the numbers in use reach beyond the lowest unanswered one.
    #[must_use]
    pub fn span(&self) -> u64 {
        let lowest = self.unanswered.first_key_value().map_or(self.next, |(seq, _)| *seq);
        self.next.0 - lowest.0
    }

    /// Gives `payload` the next number. It may be sent after the next [`Journal::commit`].
    pub fn submit(&mut self, payload: Blob<MAX_PAYLOAD>) -> ClientSeq {
        let seq = self.next;
        self.next = seq.next();
        let entry = Entry::Submitted { seq, payload };
        add(&mut self.batch, &entry);
        if let Entry::Submitted { payload, .. } = entry {
            self.unanswered.insert(seq, payload);
        }
        seq
    }

    /// Notes that `seq` is answered. If the note is lost, the update is sent once more.
    pub fn answer(&mut self, seq: ClientSeq) {
        if self.unanswered.remove(&seq).is_some() {
            add(&mut self.batch, &Entry::Answered { seq });
        }
    }

    /// Writes what was submitted and answered since the last time.
    ///
    /// # Errors
    /// [`ClientError::Journal`]: nothing that was submitted since may be sent.
    pub fn commit(&mut self) -> Result<(), ClientError> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let Self { path, cluster, client, next, unanswered, .. } = self;
        let mut write = || {
            if self.size > REWRITE {
                let rewritten = rewrite(path, *cluster, *client, *next, unanswered)?;
                (self.file, self.size) = rewritten;
            } else {
                self.file.write_all(&self.batch)?;
                self.size += self.batch.len() as u64;
            }
            if self.is_synced { self.file.sync_data() } else { Ok(()) }
        };
        write().map_err(|source| ClientError::Journal { path: path.clone(), source })?;
        self.batch.clear();
        Ok(())
    }
}

type Numbers = (ClientSeq, BTreeMap<ClientSeq, Blob<MAX_PAYLOAD>>);

fn read(bytes: &[u8], cluster: Digest, client: ClientId) -> Result<Numbers, String> {
    let mut unanswered = BTreeMap::new();
    let Some((first, mut rest)) = entry(bytes) else {
        return match bytes {
            [] => Ok((ClientSeq(1), unanswered)),
            // The header is written before the file gets its name, so it is never torn.
            _ => Err("not a client's journal, or damaged at its start".to_string()),
        };
    };
    let mut next = match first {
        Entry::Header { format: FORMAT, cluster: its, client: whose, next }
            if its == cluster && whose == client =>
        {
            next
        }
        Entry::Header { format: FORMAT, .. } => {
            return Err("belongs to another client or cluster; remove it".to_string());
        }
        _ => return Err("written in another format; use the matching version".to_string()),
    };
    while let Some((entry, after)) = entry(rest) {
        match entry {
            Entry::Submitted { seq, payload } => {
                next = next.max(seq.next());
                unanswered.insert(seq, payload);
            }
            Entry::Answered { seq } => drop(unanswered.remove(&seq)),
            Entry::Header { .. } => return Err("has a header in its middle".to_string()),
        }
        rest = after;
    }
    Ok((next, unanswered))
}

/// Replaces the journal by one that holds what is unanswered alone; gives its file and size.
fn rewrite(
    path: &Path,
    cluster: Digest,
    client: ClientId,
    next: ClientSeq,
    unanswered: &BTreeMap<ClientSeq, Blob<MAX_PAYLOAD>>,
) -> io::Result<(File, u64)> {
    let mut bytes = Vec::new();
    add(&mut bytes, &Entry::Header { format: FORMAT, cluster, client, next });
    for (seq, payload) in unanswered {
        add(&mut bytes, &Entry::Submitted { seq: *seq, payload: payload.clone() });
    }
    let draft = path.with_extension("draft");
    let mut file = File::create(&draft)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    if let Some(dir) = path.parent() {
        File::open(dir)?.sync_all()?;
    }
    Ok((file, bytes.len() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLUSTER: Digest = Digest([3; 32]);

    fn open(dir: &Path) -> Result<Journal, ClientError> {
        Journal::open(dir, CLUSTER, ClientId(1), false)
    }

    fn payload(text: &str) -> Blob<MAX_PAYLOAD> {
        Blob::new(text.into()).unwrap()
    }

    #[test]
    fn unanswered_updates_and_numbers_survive_the_process() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = open(dir.path()).unwrap();
        let seqs: Vec<_> = ["a", "b", "c"].map(|text| journal.submit(payload(text))).to_vec();
        assert_eq!(seqs, [ClientSeq(1), ClientSeq(2), ClientSeq(3)]);
        journal.answer(ClientSeq(2));
        journal.commit().unwrap();
        assert_eq!(journal.span(), 3);
        drop(journal);
        for _ in 0..2 {
            let mut journal = open(dir.path()).unwrap();
            let left: Vec<_> = journal.unanswered().clone().into_iter().collect();
            assert_eq!(left, [(ClientSeq(1), payload("a")), (ClientSeq(3), payload("c"))]);
            // Not committed, so never sent, so the number is used again.
            assert_eq!(journal.submit(payload("d")), ClientSeq(4));
        }
    }

    #[test]
    fn numbers_go_on_when_everything_is_answered() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = open(dir.path()).unwrap();
        let seq = journal.submit(payload("a"));
        journal.commit().unwrap();
        journal.answer(seq);
        journal.commit().unwrap();
        drop(journal);
        drop(open(dir.path()).unwrap());
        let mut journal = open(dir.path()).unwrap();
        assert_eq!((journal.span(), journal.submit(payload("b"))), (0, ClientSeq(2)));
    }

    #[test]
    fn a_torn_end_is_cut_off() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = open(dir.path()).unwrap();
        journal.submit(payload("a"));
        journal.commit().unwrap();
        let whole = fs::read(dir.path().join(FILE)).unwrap();
        journal.submit(payload("b"));
        journal.commit().unwrap();
        drop(journal);
        let more = fs::read(dir.path().join(FILE)).unwrap();
        for length in whole.len()..more.len() {
            fs::write(dir.path().join(FILE), &more[..length]).unwrap();
            let journal = open(dir.path()).unwrap();
            assert_eq!(journal.unanswered().keys().collect::<Vec<_>>(), [&ClientSeq(1)]);
        }
    }

    #[test]
    fn two_processes_cannot_use_one_client() {
        let dir = tempfile::tempdir().unwrap();
        let _held = open(dir.path()).unwrap();
        assert!(matches!(open(dir.path()), Err(ClientError::Busy { .. })));
    }

    #[test]
    fn a_journal_of_another_cluster_or_client_or_none_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        drop(open(dir.path()).unwrap());
        let others = [(Digest([4; 32]), ClientId(1)), (CLUSTER, ClientId(2))];
        for (cluster, client) in others {
            let opened = Journal::open(dir.path(), cluster, client, false);
            assert!(matches!(opened, Err(ClientError::Folder { .. })));
        }
        fs::write(dir.path().join(FILE), "garbage").unwrap();
        assert!(matches!(open(dir.path()), Err(ClientError::Folder { .. })));
    }
}
