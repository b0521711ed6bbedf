//! A log that is gone is told from one that never was.

use super::*;

/// Opens the log in `dir`; whether what it remembers is whole.
fn memory(dir: &Path) -> Memory {
    let take: &mut Take<'_> = &mut |_, _, _| Ok(());
    Log::open(dir, identity(), Durability::Process, NO_LIMIT, take).unwrap().memory
}

/// A log in which something was logged.
fn used() -> Folder {
    let dir = Folder::new();
    append(&mut open(dir.path()).unwrap().0, &["a"]);
    dir
}

#[test]
fn a_new_folder_is_whole_however_often_it_was_started_and_wherever_that_ended() {
    let dir = Folder::new();
    assert_eq!(memory(dir.path()), Memory::Whole);
    assert_eq!(memory(dir.path()), Memory::Whole);
    let header = fs::read(segment_path(dir.path(), 1)).unwrap();
    for length in 0..header.len() {
        fs::write(segment_path(dir.path(), 1), &header[..length]).unwrap();
        assert_eq!(memory(dir.path()), Memory::Whole);
    }
    fs::remove_dir_all(dir.path()).unwrap();
    assert_eq!(memory(dir.path()), Memory::Whole);
}

#[test]
fn a_crash_between_the_first_record_and_the_mark_loses_nothing() {
    let dir = used();
    fs::remove_file(mark::path(dir.path())).unwrap();
    assert_eq!(memory(dir.path()), Memory::Whole);
    fs::remove_dir_all(dir.path()).unwrap();
    assert_eq!(memory(dir.path()), Memory::Lost, "the mark was made up for");
}

#[test]
fn a_log_that_is_gone_emptied_or_cut_to_nothing_is_lost() {
    let dir = used();
    let whole = fs::read(segment_path(dir.path(), 1)).unwrap();
    fs::remove_file(segment_path(dir.path(), 1)).unwrap();
    assert_eq!(memory(dir.path()), Memory::Lost);
    fs::remove_dir_all(dir.path()).unwrap();
    assert_eq!(memory(dir.path()), Memory::Lost);
    for length in 0..whole.len() {
        fs::write(segment_path(dir.path(), 1), &whole[..length]).unwrap();
        assert_eq!(memory(dir.path()), Memory::Lost, "{length} bytes");
    }
    fs::write(segment_path(dir.path(), 1), &whole).unwrap();
    assert_eq!(memory(dir.path()), Memory::Whole);
}

#[test]
fn a_lost_log_stays_lost_until_it_holds_a_record_again() {
    let dir = used();
    fs::remove_dir_all(dir.path()).unwrap();
    for _ in 0..3 {
        assert_eq!(memory(dir.path()), Memory::Lost);
    }
    append(&mut open(dir.path()).unwrap().0, &["my memory was lost"]);
    assert_eq!(memory(dir.path()), Memory::Whole);
}

#[test]
fn a_log_begun_anew_is_whole_whatever_stands_for_what_was_before() {
    let dir = Folder::new();
    let mut log = eager(dir.path());
    append(&mut log, &["a"]);
    rewrite(&mut log, &[]);
    drop(log);
    assert_eq!(memory(dir.path()), Memory::Whole);
}
