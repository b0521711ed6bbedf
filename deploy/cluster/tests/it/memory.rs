//! A replica whose log is gone while it is down.

use crate::harness::{Four, found, get, put, until};
use std::fs;

#[test]
fn a_cluster_that_was_started_and_never_used_starts_again_whole() {
    let mut four = Four::started(|_| {});
    (1..=4).for_each(|id| four.kill(id));
    four.up();
    assert!(four.status().iter().all(|status| status.answers && !status.recovering));
    four.kv().run(&put("a", "1")).unwrap();
    four.agree(&[1, 2, 3, 4]);
}

#[test]
fn a_replica_that_lost_its_log_is_shown_as_recovering_and_says_so() {
    let mut four = Four::started(|_| {});
    let kv = four.kv();
    (0..20).for_each(|i| drop(kv.run(&put(&format!("{i}"), "v")).unwrap()));
    four.agree(&[1, 2, 3, 4]);
    four.kill(2);
    let (log, kept) = (four.host(2).join("log"), four.host(2).join("kept"));
    fs::rename(&log, &kept).unwrap();
    four.start(2);
    until("it says so", || four.log(2).contains("log: lost: this replica has promised things"));
    assert_eq!(kv.run(&get("19")).unwrap(), found("v"));
    // With the log that holds all, it is whole again.
    four.kill(2);
    fs::remove_dir_all(&log).unwrap();
    fs::rename(&kept, &log).unwrap();
    four.start(2);
    kv.run(&put("after", "v")).unwrap();
    four.agree(&[1, 2, 3, 4]);
    assert!(!four.status()[1].recovering);
}
