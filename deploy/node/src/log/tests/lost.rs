//! A log that is gone is told from one that never was.

use super::*;

/// Opens the log in `dir`; whether there was one that is gone.
fn is_lost(dir: &Path) -> bool {
    let take: &mut Take<'_> = &mut |_, _, _| Ok(());
    Log::open(dir, identity(), Durability::Process, NO_LIMIT, take).unwrap().is_lost
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
    assert!(!is_lost(dir.path()));
    assert!(!is_lost(dir.path()));
    let header = fs::read(segment_path(dir.path(), 1)).unwrap();
    for length in 0..header.len() {
        fs::write(segment_path(dir.path(), 1), &header[..length]).unwrap();
        assert!(!is_lost(dir.path()));
    }
    fs::remove_dir_all(dir.path()).unwrap();
    assert!(!is_lost(dir.path()));
}

#[test]
fn a_crash_between_the_first_record_and_the_mark_loses_nothing() {
    let dir = used();
    fs::remove_file(mark::path(dir.path())).unwrap();
    assert!(!is_lost(dir.path()));
    fs::remove_dir_all(dir.path()).unwrap();
    assert!(is_lost(dir.path()), "the mark was made up for");
}

#[test]
fn a_log_that_is_gone_emptied_or_cut_to_nothing_is_lost() {
    let dir = used();
    let whole = fs::read(segment_path(dir.path(), 1)).unwrap();
    fs::remove_file(segment_path(dir.path(), 1)).unwrap();
    assert!(is_lost(dir.path()));
    fs::remove_dir_all(dir.path()).unwrap();
    assert!(is_lost(dir.path()));
    for length in 0..whole.len() {
        fs::write(segment_path(dir.path(), 1), &whole[..length]).unwrap();
        assert!(is_lost(dir.path()), "{length} bytes");
    }
    fs::write(segment_path(dir.path(), 1), &whole).unwrap();
    assert!(!is_lost(dir.path()));
}

#[test]
fn a_lost_log_stays_lost_until_it_holds_a_record_again() {
    let dir = used();
    fs::remove_dir_all(dir.path()).unwrap();
    for _ in 0..3 {
        assert!(is_lost(dir.path()));
    }
    append(&mut open(dir.path()).unwrap().0, &["my memory was lost"]);
    assert!(!is_lost(dir.path()));
}

#[test]
fn a_log_begun_anew_is_whole_whatever_stands_for_what_was_before() {
    let dir = Folder::new();
    let mut log = eager(dir.path());
    append(&mut log, &["a"]);
    rewrite(&mut log, &[]);
    drop(log);
    assert!(!is_lost(dir.path()));
}
