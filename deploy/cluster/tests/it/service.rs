//! The ordinary life of a cluster.

use crate::harness::{Four, found, get, put};
use cluster::{ClusterError, Stopped};
use kv::{Answer, Command, Key};
use wire::ReplicaId;

#[test]
fn what_is_put_is_got_and_everybody_agrees() {
    let mut four = Four::started(|_| {});
    let kv = four.kv();
    assert_eq!(kv.run(&get("a")).unwrap(), Answer::Missing);
    assert_eq!(kv.run(&put("a", "1")).unwrap(), Answer::Stored { replaced: false });
    assert_eq!(kv.run(&get("a")).unwrap(), found("1"));
    let scan = Command::Scan { prefix: Key::default(), limit: 10 };
    assert!(matches!(kv.run(&scan).unwrap(), Answer::Entries { more: false, .. }));
    kv.close();
    let status = four.agree(&[1, 2, 3, 4]);
    assert_eq!(status.composition.as_deref(), Some("reference"));
    assert_eq!(status.updates, Some(4));
    let stopped = cluster::down(&four.dir()).unwrap();
    assert!(stopped.values().all(|stopped| *stopped == Stopped::Cleanly), "{stopped:?}");
    let exits = four.running.exits();
    assert!(exits.len() == 4 && exits.iter().all(|exit| exit.code == Some(0)), "{exits:?}");
    assert!(four.status().iter().all(|status| !status.alive && !status.answers));
    let again = cluster::down(&four.dir()).unwrap();
    assert!(again.values().all(|stopped| *stopped == Stopped::DidNotRun));
}

#[test]
fn a_client_goes_on_where_its_earlier_life_ended() {
    let four = Four::started(|_| {});
    for round in 0..3 {
        let answer = cluster::kv(&four.dir(), &put("a", "1"), crate::harness::PATIENCE).unwrap();
        assert_eq!(answer, Answer::Stored { replaced: round > 0 });
    }
}

#[test]
fn one_replica_that_is_away_holds_nobody_up_and_catches_up() {
    let mut four = Four::started(|_| {});
    four.kill(3);
    let kv = four.kv();
    for i in 0..20 {
        kv.run(&put(&format!("k{i}"), "v")).unwrap();
    }
    let there = four.agree(&[1, 2, 4]);
    assert_eq!(there.updates, Some(20));
    four.start(3);
    kv.run(&put("after", "v")).unwrap();
    assert_eq!(four.agree(&[1, 2, 3, 4]).updates, Some(21));
}

#[test]
fn at_level_power_everything_works_too() {
    let mut four = Four::started(|init| init.durability = layout::Durability::Power);
    let kv = four.kv();
    for i in 0..10 {
        kv.run(&put(&format!("k{i}"), "v")).unwrap();
    }
    (1..=4).for_each(|id| four.kill(id));
    four.up();
    assert_eq!(kv.run(&get("k9")).unwrap(), found("v"));
    four.agree(&[1, 2, 3, 4]);
}

#[test]
fn starting_twice_and_stopping_twice_is_said_to_be_so() {
    let four = Four::started(|_| {});
    let again = cluster::start_one(&four.dir(), ReplicaId(2));
    assert!(matches!(again, Err(ClusterError::Runs { id: ReplicaId(2), .. })));
    four.kill(2);
    let again = cluster::kill(&four.dir(), ReplicaId(2));
    assert!(matches!(again, Err(ClusterError::DoesNotRun(ReplicaId(2)))));
    let stranger = cluster::kill(&four.dir(), ReplicaId(5));
    assert!(matches!(stranger, Err(ClusterError::NoReplica { .. })));
}
