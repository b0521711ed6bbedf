//! Logs that end early, that were damaged, and that belong to somebody else.

mod broken;
mod lost;

use super::*;
use std::fs;
use wire::{Digest, ReplicaId};

const NO_LIMIT: u64 = u64::MAX;

/// A host's folder, with a folder for a log in it.
struct Folder {
    _host: tempfile::TempDir,
    log: PathBuf,
}

impl Folder {
    fn new() -> Self {
        let host = tempfile::tempdir().unwrap();
        let log = host.path().join("log");
        fs::create_dir(&log).unwrap();
        Self { _host: host, log }
    }

    /// Where the log is.
    fn path(&self) -> &Path {
        &self.log
    }
}

/// Length of a batch with one record of one byte: header, kind, length, byte, end.
const SMALL: usize = format::BATCH_HEADER + 7;

fn identity() -> Identity {
    Identity { cluster: Digest([7; 32]), epoch: 1, replica: ReplicaId(2) }
}

/// Opens the log in `dir` and returns it with all its records.
fn open_at(dir: &Path, level: Durability) -> Result<(Log, u64, Vec<Raw>), LogError> {
    let mut records = Vec::new();
    let mut take = |_: &Path, _, batch: Vec<Raw>| {
        records.extend(batch);
        Ok(())
    };
    let Opened { log, torn, .. } = Log::open(dir, identity(), level, NO_LIMIT, &mut take)?;
    Ok((log, torn, records))
}

fn open(dir: &Path) -> Result<(Log, u64, Vec<Raw>), LogError> {
    open_at(dir, Durability::Process)
}

fn append(log: &mut Log, texts: &[&str]) {
    for text in texts {
        log.add(Kind::Held, |out| out.extend_from_slice(text.as_bytes()));
    }
    log.commit().unwrap();
}

fn texts(records: &[Raw]) -> Vec<&str> {
    records.iter().map(|raw| std::str::from_utf8(&raw.bytes).unwrap()).collect()
}

/// A log of three batches; returns its only file.
fn three_batches(dir: &Path) -> PathBuf {
    let (mut log, _, _) = open(dir).unwrap();
    append(&mut log, &["a", "b"]);
    append(&mut log, &["c"]);
    append(&mut log, &["d"]);
    segment_path(dir, 1)
}

#[test]
fn what_was_appended_is_read_back_in_order_across_restarts() {
    let dir = Folder::new();
    three_batches(dir.path());
    let (mut log, torn, records) = open(dir.path()).unwrap();
    assert_eq!((texts(&records), torn), (vec!["a", "b", "c", "d"], 0));
    log.add(Kind::Promise, |out| out.push(b'p'));
    log.commit().unwrap();
    let (_, _, records) = open(dir.path()).unwrap();
    assert_eq!(records.last(), Some(&Raw { kind: Kind::Promise, bytes: b"p".to_vec() }));
}

#[test]
fn a_tail_torn_at_any_byte_is_cut_off_and_appending_goes_on() {
    let dir = Folder::new();
    let file = three_batches(dir.path());
    let whole = fs::read(&file).unwrap();
    let last_batch = whole.len() - SMALL;
    for length in last_batch + 1..whole.len() {
        fs::write(&file, &whole[..length]).unwrap();
        let (mut log, torn, records) = open(dir.path()).unwrap();
        assert_eq!((texts(&records), torn), (vec!["a", "b", "c"], (length - last_batch) as u64));
        append(&mut log, &["e"]);
        let (_, torn, records) = open(dir.path()).unwrap();
        assert_eq!((texts(&records), torn), (vec!["a", "b", "c", "e"], 0));
    }
}

#[test]
fn a_log_of_another_cluster_epoch_or_replica_is_refused() {
    let dir = Folder::new();
    three_batches(dir.path());
    let others = [
        Identity { cluster: Digest([8; 32]), ..identity() },
        Identity { epoch: 2, ..identity() },
        Identity { replica: ReplicaId(3), ..identity() },
    ];
    for other in others {
        let opened =
            Log::open(dir.path(), other, Durability::Process, NO_LIMIT, &mut |_, _, _| Ok(()));
        assert!(matches!(opened, Err(LogError::Foreign { .. })));
    }
}

#[test]
fn a_log_at_its_limit_refuses_and_keeps_what_it_has() {
    let dir = Folder::new();
    let take: &mut dyn FnMut(&Path, u64, Vec<Raw>) -> _ = &mut |_, _, _| Ok(());
    let opened = Log::open(dir.path(), identity(), Durability::Process, 150, take);
    let Opened { mut log, .. } = opened.unwrap();
    append(&mut log, &["fits"]);
    log.add(Kind::Held, |out| out.extend_from_slice(&[b'x'; 200]));
    assert!(matches!(log.commit(), Err(LogError::Full { limit: 150, .. })));
    assert_eq!(texts(&open(dir.path()).unwrap().2), ["fits"]);
}

#[test]
fn segments_follow_each_other_and_a_missing_one_is_an_error() {
    let dir = Folder::new();
    let (mut log, _, _) = open(dir.path()).unwrap();
    let big = "x".repeat(usize::try_from(SEGMENT_SIZE).unwrap() / 2 + 1);
    for _ in 0..5 {
        append(&mut log, &[&big]);
    }
    append(&mut log, &["end"]);
    assert_eq!(read::numbers(dir.path(), ".log").unwrap(), [1, 2, 3]);
    let (log, _, records) = open(dir.path()).unwrap();
    assert_eq!((records.len(), texts(&records[5..])), (6, vec!["end"]));
    drop(log);
    fs::remove_file(segment_path(dir.path(), 2)).unwrap();
    assert!(matches!(open(dir.path()), Err(LogError::Missing { .. })));
}

/// A log whose next rewrite is worth its while.
fn eager(dir: &Path) -> Log {
    let (mut log, _, _) = open(dir).unwrap();
    log.worthwhile = (0, 0);
    log
}

/// Begins the log anew with `texts`, and waits until that is on disk.
fn rewrite(log: &mut Log, texts: &[&str]) {
    let records: Vec<String> = texts.iter().map(|text| (*text).to_string()).collect();
    let fill: Fill = Box::new(move |sink| {
        records
            .iter()
            .try_for_each(|text| sink.add(Kind::Held, |out| out.extend_from_slice(text.as_bytes())))
    });
    log.rewrite(fill).unwrap();
    while log.shared.rewriting.load(Ordering::Acquire) {
        std::thread::yield_now();
    }
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_log_begun_anew_reads_as_its_base_and_what_follows() {
    let dir = Folder::new();
    let mut log = eager(dir.path());
    append(&mut log, &["a", "b", "c"]);
    rewrite(&mut log, &["state", "c"]);
    append(&mut log, &["d"]);
    assert_eq!(names(dir.path()), ["00000001.base", "00000002.log"]);
    assert_eq!(texts(&open(dir.path()).unwrap().2), ["state", "c", "d"]);
    let mut log = eager(dir.path());
    append(&mut log, &["e"]);
    rewrite(&mut log, &["later state"]);
    rewrite(&mut log, &[]);
    append(&mut log, &["f"]);
    drop(log);
    assert_eq!(names(dir.path()), ["00000003.base", "00000004.log"]);
    let (mut log, torn, records) = open(dir.path()).unwrap();
    assert_eq!((texts(&records), torn), (vec!["f"], 0));
    append(&mut log, &["g"]);
    assert_eq!(texts(&open(dir.path()).unwrap().2), ["f", "g"]);
}

#[test]
fn a_large_base_is_read_back_whole() {
    let dir = Folder::new();
    let mut log = eager(dir.path());
    let big = "x".repeat(700_000);
    append(&mut log, &["old"]);
    rewrite(&mut log, &[&big, &big, "small", &big]);
    let records = open(dir.path()).unwrap().2;
    assert_eq!(texts(&records), [&big[..], &big, "small", &big]);
}

/// Names and contents of files.
type Files = Vec<(String, Vec<u8>)>;

/// The files of a log just before and just after it was begun anew, and those before.
fn around_a_rewrite() -> (Folder, Files, Files) {
    let dir = Folder::new();
    let files = |dir: &Path| -> Files {
        let read = |name: String| (name.clone(), fs::read(dir.join(&name)).unwrap());
        names(dir).into_iter().map(read).collect()
    };
    let mut log = eager(dir.path());
    append(&mut log, &["a", "b"]);
    rewrite(&mut log, &["base 1"]);
    append(&mut log, &["c"]);
    let mut before = files(dir.path());
    rewrite(&mut log, &["base 2"]);
    append(&mut log, &["d"]);
    drop(log);
    let after = files(dir.path());
    // The segment after the new base exists before the base does.
    before.extend(after.iter().filter(|(name, _)| name == "00000003.log").cloned());
    (dir, before, after)
}

fn lay_out(dir: &Path, files: &[(String, Vec<u8>)]) {
    names(dir).iter().for_each(|name| fs::remove_file(dir.join(name)).unwrap());
    files.iter().for_each(|(name, bytes)| fs::write(dir.join(name), bytes).unwrap());
}

#[test]
fn a_crash_at_any_moment_of_a_rewrite_leaves_the_old_or_the_new_log() {
    let (dir, before, after) = around_a_rewrite();
    let old = ["base 1", "c", "d"];
    let new = ["base 2", "d"];
    let base = after.iter().find(|(name, _)| name == "00000002.base").unwrap().clone();
    // While the new file is being written under its other name.
    for length in 0..=base.1.len() {
        let mut files = before.clone();
        files.push(("00000002.tmp".to_string(), base.1[..length].to_vec()));
        lay_out(dir.path(), &files);
        let (log, torn, records) = open(dir.path()).unwrap();
        assert_eq!((texts(&records), torn), (old.to_vec(), 0));
        drop(log);
        assert!(!names(dir.path()).iter().any(|name| name.ends_with(".tmp")));
    }
    // After it got its name, while what it replaces is being deleted, in any order.
    for kept in 0..1 << before.len() {
        let mut files: Vec<_> = before
            .iter()
            .enumerate()
            .filter(|(at, (name, _))| kept >> at & 1 == 1 || name == "00000003.log")
            .map(|(_, file)| file.clone())
            .collect();
        files.push(base.clone());
        lay_out(dir.path(), &files);
        assert_eq!(texts(&open(dir.path()).unwrap().2), new);
        assert_eq!(names(dir.path()), ["00000002.base", "00000003.log"]);
    }
}

#[test]
fn a_damaged_base_is_an_error_or_gives_way_to_what_it_replaces() {
    let (dir, before, after) = around_a_rewrite();
    let base = after.iter().find(|(name, _)| name == "00000002.base").unwrap().clone();
    for at in 0..base.1.len() {
        let mut damaged = base.clone();
        damaged.1[at] ^= 1 << (at % 8);
        // All that it replaces is still there.
        let mut files = before.clone();
        files.push(damaged.clone());
        lay_out(dir.path(), &files);
        let (log, _, records) = open(dir.path()).unwrap();
        assert_eq!(texts(&records), ["base 1", "c", "d"], "byte {at}");
        drop(log);
        // Nothing of it is.
        let mut files = after.clone();
        files.iter_mut().filter(|(name, _)| *name == base.0).for_each(|f| *f = damaged.clone());
        lay_out(dir.path(), &files);
        let error = open(dir.path()).unwrap_err();
        assert!(matches!(error, LogError::Corrupt { .. }), "byte {at}: {error}");
        assert_eq!(fs::read(dir.path().join(&base.0)).unwrap(), damaged.1);
    }
    let rest: Vec<_> = after.iter().filter(|(name, _)| *name != base.0).cloned().collect();
    lay_out(dir.path(), &rest);
    assert!(matches!(open(dir.path()), Err(LogError::Missing { .. })));
    lay_out(dir.path(), &[base]);
    assert!(matches!(open(dir.path()), Err(LogError::Missing { .. })));
}

#[test]
fn a_base_of_another_replica_is_refused() {
    let (dir, _, _) = around_a_rewrite();
    let other = Identity { replica: ReplicaId(3), ..identity() };
    let opened = Log::open(dir.path(), other, Durability::Process, NO_LIMIT, &mut |_, _, _| Ok(()));
    assert!(matches!(opened, Err(LogError::Foreign { .. })));
}

#[test]
fn the_limit_counts_what_is_kept() {
    let dir = Folder::new();
    let take: &mut dyn FnMut(&Path, u64, Vec<Raw>) -> _ = &mut |_, _, _| Ok(());
    let opened = Log::open(dir.path(), identity(), Durability::Process, 1000, take);
    let Opened { mut log, .. } = opened.unwrap();
    log.worthwhile = (0, 0);
    for _ in 0..20 {
        append(&mut log, &[&"x".repeat(200)]);
        rewrite(&mut log, &["state"]);
    }
    assert!(log.position() > 4000);
    log.worthwhile = (u64::MAX, 1);
    let mut appended = 0;
    loop {
        rewrite(&mut log, &["not worth its while"]);
        log.add(Kind::Held, |out| out.extend_from_slice(&[b'x'; 200]));
        if log.commit().is_err() {
            break;
        }
        appended += 1;
    }
    assert!((1..5).contains(&appended), "{appended}");
    assert_eq!(texts(&open(dir.path()).unwrap().2)[0], "state");
}
