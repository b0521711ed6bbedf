//! Logs that end early, that were damaged, and that belong to somebody else.

use super::*;
use std::fs;
use wire::{Digest, ReplicaId};

const NO_LIMIT: u64 = u64::MAX;

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
    let (log, torn) = Log::open(dir, identity(), level, NO_LIMIT, &mut take)?;
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
    let dir = tempfile::tempdir().unwrap();
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
    let dir = tempfile::tempdir().unwrap();
    let file = three_batches(dir.path());
    let whole = fs::read(&file).unwrap();
    let last_batch = whole.len() - (format::BATCH_HEADER + 6);
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
fn a_segment_torn_within_its_header_is_begun_again() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()).unwrap());
    let file = segment_path(dir.path(), 1);
    let whole = fs::read(&file).unwrap();
    for length in 0..whole.len() {
        fs::write(&file, &whole[..length]).unwrap();
        let (mut log, torn, _) = open(dir.path()).unwrap();
        assert_eq!(torn, length as u64);
        append(&mut log, &["a"]);
        assert_eq!(texts(&open(dir.path()).unwrap().2), ["a"]);
    }
}

#[test]
fn a_flipped_bit_before_the_end_is_an_error_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let file = three_batches(dir.path());
    let whole = fs::read(&file).unwrap();
    let last_batch = whole.len() - (format::BATCH_HEADER + 6);
    for at in 0..last_batch {
        let mut damaged = whole.clone();
        damaged[at] ^= 1 << (at % 8);
        fs::write(&file, &damaged).unwrap();
        let error = open(dir.path()).unwrap_err();
        assert!(error.to_string().contains(file.to_str().unwrap()), "{error}");
        assert!(matches!(error, LogError::Corrupt { .. }), "byte {at}: {error}");
        assert_eq!(fs::read(&file).unwrap(), damaged);
    }
}

#[test]
fn at_level_power_damage_behind_the_last_sync_is_a_torn_tail() {
    let dir = tempfile::tempdir().unwrap();
    let file = segment_path(dir.path(), 1);
    let (mut log, _, _) = open_at(dir.path(), Durability::Power).unwrap();
    append(&mut log, &["synced"]);
    log.syncer().sync().unwrap();
    let first_unsynced = usize::try_from(log.position()).unwrap();
    append(&mut log, &["lost"]);
    append(&mut log, &["kept by chance"]);
    let mut damaged = fs::read(&file).unwrap();
    damaged[first_unsynced + 10] ^= 1;
    fs::write(&file, &damaged).unwrap();
    assert!(matches!(open(dir.path()), Err(LogError::Corrupt { .. })));
    let (_, torn, records) = open_at(dir.path(), Durability::Power).unwrap();
    assert_eq!((texts(&records), torn), (vec!["synced"], (damaged.len() - first_unsynced) as u64));
}

#[test]
fn at_level_power_damage_before_the_last_sync_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let file = segment_path(dir.path(), 1);
    let (mut log, _, _) = open_at(dir.path(), Durability::Power).unwrap();
    let first = usize::try_from(log.position()).unwrap();
    append(&mut log, &["synced"]);
    log.syncer().sync().unwrap();
    append(&mut log, &["later"]);
    let mut damaged = fs::read(&file).unwrap();
    damaged[first + format::BATCH_HEADER + 6] ^= 1;
    fs::write(&file, &damaged).unwrap();
    let error = open_at(dir.path(), Durability::Power).unwrap_err();
    assert!(matches!(error, LogError::Corrupt { offset, .. } if offset == first as u64));
}

#[test]
fn a_log_of_another_cluster_epoch_or_replica_is_refused() {
    let dir = tempfile::tempdir().unwrap();
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
    let dir = tempfile::tempdir().unwrap();
    let take: &mut dyn FnMut(&Path, u64, Vec<Raw>) -> _ = &mut |_, _, _| Ok(());
    let (mut log, _) = Log::open(dir.path(), identity(), Durability::Process, 150, take).unwrap();
    append(&mut log, &["fits"]);
    log.add(Kind::Held, |out| out.extend_from_slice(&[b'x'; 200]));
    assert!(matches!(log.commit(), Err(LogError::Full { limit: 150, .. })));
    assert_eq!(texts(&open(dir.path()).unwrap().2), ["fits"]);
}

#[test]
fn segments_follow_each_other_and_a_missing_one_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, _, _) = open(dir.path()).unwrap();
    let big = "x".repeat(usize::try_from(SEGMENT_SIZE).unwrap() / 2 + 1);
    for _ in 0..5 {
        append(&mut log, &[&big]);
    }
    append(&mut log, &["end"]);
    assert_eq!(read::segments(dir.path()).unwrap(), [1, 2, 3]);
    let (log, _, records) = open(dir.path()).unwrap();
    assert_eq!((records.len(), texts(&records[5..])), (6, vec!["end"]));
    drop(log);
    fs::remove_file(segment_path(dir.path(), 2)).unwrap();
    assert!(matches!(open(dir.path()), Err(LogError::Missing { .. })));
}
