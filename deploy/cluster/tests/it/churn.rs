//! f replicas killed and revived again and again, the leader among them.

use crate::harness::{Four, until};
use cluster::{Churn, ClusterError};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// For how long; `patchy churn` does the same for as long as one likes.
const SECONDS: u64 = 10;

#[test]
fn churn_under_load_loses_nothing_and_stops_nobody_for_long() {
    let four = Four::started(|_| {});
    let churn = Churn { duration: Duration::from_secs(SECONDS), outstanding: 16 };
    let report = cluster::churn(&four.dir(), &churn, &AtomicBool::new(false), |_| {}).unwrap();
    println!("{report:?}");
    assert!(report.kills >= 2 && report.updates > 100, "{report:?}");
    assert_eq!((report.lost, report.repeated), (0, 0), "{report:?}");
    assert!(report.longest_gap_ms <= 2000.0, "{report:?}");
    // 2f+k for each time that the leader was killed would be allowed.
    assert!(report.view_changes <= 2 * report.rounds, "{report:?}");
    assert!(report.suspected.is_empty(), "{report:?}");
    four.agree(&[1, 2, 3, 4]);
}

/// Once when all run, and once while a replica is down.
#[test]
fn churn_that_is_stopped_leaves_nobody_down() {
    let four = Four::started(|_| {});
    let churn = Churn { duration: Duration::from_secs(60), outstanding: 4 };
    let stopped = AtomicBool::new(false);
    let told = |_| stopped.store(true, Ordering::Relaxed);
    let ended = cluster::churn(&four.dir(), &churn, &stopped, told);
    assert!(matches!(ended, Err(ClusterError::Cancelled)), "{ended:?}");
    assert!(four.status().iter().all(|replica| replica.alive && replica.answers));

    let stopped = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            until("one is down", || four.status().iter().any(|replica| !replica.alive));
            stopped.store(true, Ordering::Relaxed);
        });
        let ended = cluster::churn(&four.dir(), &churn, &stopped, |_| {});
        assert!(matches!(ended, Err(ClusterError::Cancelled)), "{ended:?}");
    });
    assert!(four.status().iter().all(|replica| replica.alive && replica.answers));
}
