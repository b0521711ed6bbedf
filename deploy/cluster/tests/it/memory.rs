//! A replica whose log is gone while it is down.

use crate::crash::{Writer, all_there};
use crate::harness::{Four, edit, put, until};
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
fn a_replica_that_lost_its_log_says_so_and_is_shown_as_recovering() {
    let mut four = Four::started(|_| {});
    let kv = four.kv();
    (0..20).for_each(|i| drop(kv.run(&put(&format!("{i}"), "v")).unwrap()));
    four.agree(&[1, 2, 3, 4]);
    (1..=4).for_each(|id| four.kill(id));
    fs::remove_dir_all(four.host(2).join("log")).unwrap();
    // Alone, it learns nothing from anybody, however often it starts.
    for _ in 0..2 {
        four.start(2);
        assert!(four.status()[1].recovering);
        assert!(four.log(2).contains("log: lost: this replica"), "{}", four.log(2));
        four.kill(2);
    }
    four.up();
    // It counts again once so much was ordered that it may vote on the order.
    let mut puts = 20;
    until("it takes part again", || {
        drop(kv.run(&put("after", "v")).unwrap());
        puts += 1;
        !four.status()[1].recovering
    });
    assert_eq!(four.agree(&[1, 2, 3, 4]).updates, Some(puts));
}

#[test]
fn a_log_deleted_under_load_costs_no_acknowledged_update_and_the_replica_serves_again() {
    let mut four = Four::created(|_| {});
    // For as many requests of each originator as this, it counts as a fault afterwards.
    for file in (1..=4).map(|id| four.host(id)).chain([four.dir()]) {
        edit(&file.join("cluster.toml"), "preorder = 256", "preorder = 16");
    }
    four.up();
    let writer = Writer::start(four.dir().join("clients/bench-1"));
    writer.await_more(200);
    four.kill(2);
    fs::remove_dir_all(four.host(2).join("log")).unwrap();
    writer.await_more(50);
    four.start(2);
    until("it takes part again", || !four.status()[1].recovering);
    writer.await_more(300);
    // It remembers that it was let in again.
    four.kill(2);
    four.start(2);
    assert!(four.log(2).matches("log: lost").count() == 1, "{}", four.log(2));
    assert!(!four.status()[1].recovering);
    writer.await_more(300);
    // With the leader dead nothing is ordered without it; what is more, it leads.
    four.kill(1);
    writer.await_more(100);
    assert!(four.status()[1].view >= Some(1));
    four.start(1);
    let keys = writer.stop();
    let status = four.same_state(&[1, 2, 3, 4]);
    assert_eq!(status[0].updates, Some(keys.len() as u64));
    // Nor is it held to what it forgot.
    assert!(status.iter().all(|status| status.blacklisted.is_empty()), "{status:?}");
    all_there(&four, &keys);
}
