//! What of a log's end is a tear, and what is damage: every byte of small logs, at both levels.

use super::*;

const LEVELS: [Durability; 2] = [Durability::Process, Durability::Power];

/// Asserts that the log is refused at `offset`, and left as it is.
#[track_caller]
fn is_damaged(dir: &Path, bytes: &[u8], level: Durability, offset: usize, what: &str) {
    let file = segment_path(dir, 1);
    fs::write(&file, bytes).unwrap();
    let error = open_at(dir, level).unwrap_err();
    let place = format!("{}: corrupt at offset {offset}:", file.display());
    assert!(error.to_string().starts_with(&place), "{what}: {error}");
    assert_eq!(fs::read(&file).unwrap(), bytes, "{what}");
}

/// Asserts that what stands behind `length` bytes is cut off.
#[track_caller]
fn is_torn(dir: &Path, bytes: &[u8], level: Durability, length: usize, what: &str) {
    let file = segment_path(dir, 1);
    fs::write(&file, bytes).unwrap();
    let (_, torn, _) = open_at(dir, level).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(torn, (bytes.len() - length) as u64, "{what}");
    assert_eq!(fs::read(&file).unwrap(), bytes[..length], "{what}");
}

#[test]
fn a_flipped_bit_anywhere_is_damage_at_both_levels() {
    let dir = Folder::new();
    let whole = fs::read(three_batches(dir.path())).unwrap();
    let last = whole.len() - SMALL;
    let starts = [0, SEGMENT_HEADER, last - SMALL, last];
    for level in LEVELS {
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut damaged = whole.clone();
                damaged[at] ^= 1 << bit;
                let place = *starts.iter().rfind(|start| **start <= at).unwrap();
                // That of another format, cluster or replica is said to be so.
                is_damaged(dir.path(), &damaged, level, place, &format!("byte {at}, bit {bit}"));
            }
        }
    }
}

#[test]
fn a_last_batch_that_is_wholly_there_is_damaged_by_any_bytes_that_are_not_its_own() {
    let dir = Folder::new();
    let whole = fs::read(three_batches(dir.path())).unwrap();
    let last = whole.len() - SMALL;
    for level in LEVELS {
        for (at, byte) in (last..whole.len()).flat_map(|at| [0, 0xff].map(|byte| (at, byte))) {
            let mut damaged = whole.clone();
            damaged[at] = byte;
            if damaged != whole {
                is_damaged(dir.path(), &damaged, level, last, &format!("byte {at} is {byte}"));
            }
        }
        // A batch that is right, but of another place.
        let mut moved = whole[..last].to_vec();
        moved.extend_from_slice(&whole[last - SMALL..last]);
        is_damaged(dir.path(), &moved, level, last, "the batch before, once more");
    }
}

#[test]
fn an_end_that_is_not_all_there_is_a_tear_at_both_levels() {
    let dir = Folder::new();
    let whole = fs::read(three_batches(dir.path())).unwrap();
    let last = whole.len() - SMALL;
    for level in LEVELS {
        for length in last..whole.len() {
            is_torn(dir.path(), &whole[..length], level, last, &format!("{length} bytes"));
        }
        // Behind a header that does not match, nothing says how long the batch is.
        for length in last + format::BATCH_HEADER..whole.len() {
            for at in last..last + format::BATCH_HEADER {
                let mut damaged = whole[..length].to_vec();
                damaged[at] ^= 1;
                is_damaged(dir.path(), &damaged, level, last, &format!("{length}, byte {at}"));
            }
        }
    }
}

/// A log whose last batches were never synced, and where they start: the first of them covers
/// several pages, the second stands on the last of those.
fn with_unsynced_pages(dir: &Path) -> (Vec<u8>, usize, usize) {
    let (mut log, _, _) = open_at(dir, Durability::Power).unwrap();
    append(&mut log, &["synced"]);
    log.syncer().sync().unwrap();
    let start = |log: &Log| usize::try_from(log.position()).unwrap();
    let long = start(&log);
    append(&mut log, &[&"x".repeat(3 * 4096)]);
    let short = start(&log);
    append(&mut log, &["y"]);
    (fs::read(segment_path(dir, 1)).unwrap(), long, short)
}

#[test]
fn pages_that_were_never_written_are_a_tear_at_level_power_alone() {
    let dir = Folder::new();
    let (whole, long, short) = with_unsynced_pages(dir.path());
    // Any of the pages may be missing.
    for missing in 1..16_u32 {
        let mut bytes = whole.clone();
        for page in (0..4_usize).filter(|page| missing >> page & 1 == 1) {
            let end = (page * 4096 + 4096).min(bytes.len());
            bytes[(page * 4096).max(long)..end].fill(0);
        }
        let what = format!("pages {missing:04b}");
        is_torn(dir.path(), &bytes, Durability::Power, long, &what);
        is_damaged(dir.path(), &bytes, Durability::Process, long, &what);
    }
    // Only the last batch's share of its page.
    let mut bytes = whole;
    bytes[short..].fill(0);
    is_torn(dir.path(), &bytes, Durability::Power, short, "the last batch");
    is_damaged(dir.path(), &bytes, Durability::Process, short, "the last batch");
}

#[test]
fn less_than_a_page_of_zeros_is_damage_at_level_power_too() {
    let dir = Folder::new();
    let (whole, long, short) = with_unsynced_pages(dir.path());
    for (from, to) in [(long, 4095), (long + 1, 4096), (4097, 8192), (short, whole.len() - 1)] {
        let mut bytes = whole.clone();
        bytes[from..to].fill(0);
        let place = if from < short { long } else { short };
        is_damaged(dir.path(), &bytes, Durability::Power, place, &format!("{from}..{to}"));
    }
}

#[test]
fn a_page_that_was_synced_and_reads_as_zeros_is_damage() {
    let dir = Folder::new();
    let (mut log, _, _) = open_at(dir.path(), Durability::Power).unwrap();
    let first = usize::try_from(log.position()).unwrap();
    append(&mut log, &[&"x".repeat(4096)]);
    log.syncer().sync().unwrap();
    append(&mut log, &["later"]);
    let mut bytes = fs::read(segment_path(dir.path(), 1)).unwrap();
    bytes[first..4096].fill(0);
    // The batch behind it says that it was synced.
    is_damaged(dir.path(), &bytes, Durability::Power, first, "the first page");
}

#[test]
fn a_last_segment_s_header_is_torn_when_it_is_short_and_damaged_when_it_is_whole() {
    let dir = Folder::new();
    drop(open(dir.path()).unwrap());
    let header = fs::read(segment_path(dir.path(), 1)).unwrap();
    let file = segment_path(dir.path(), 1);
    for level in LEVELS {
        for length in 0..header.len() {
            fs::write(&file, &header[..length]).unwrap();
            let (mut log, torn, _) = open_at(dir.path(), level).unwrap();
            assert_eq!(torn, length as u64);
            append(&mut log, &["a"]);
            assert_eq!(texts(&open_at(dir.path(), level).unwrap().2), ["a"]);
        }
    }
    let zeros = vec![0; header.len()];
    is_damaged(dir.path(), &zeros, Durability::Process, 0, "zeros");
    fs::write(&file, &zeros).unwrap();
    assert_eq!(open_at(dir.path(), Durability::Power).unwrap().1, zeros.len() as u64);
}
