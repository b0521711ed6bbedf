//! Load from several processes.

use crate::harness::{Four, program};
use client::Signing;
use cluster::{Bench, ClusterError, Loader};
use std::time::Duration;

fn bench(processes: usize, signing: Signing) -> Bench {
    Bench {
        outstanding: 8,
        processes,
        signing,
        duration: Duration::from_millis(1500),
        payload: 512,
        loader: Loader { program: program("load"), args: Vec::new() },
    }
}

#[test]
fn load_is_made_measured_and_repeatable() {
    let four = Four::started(|_| {});
    for (processes, signing) in [(2, Signing::Each), (1, Signing::Batch)] {
        let mut last = 0;
        let report =
            cluster::bench(&four.dir(), &bench(processes, signing), |done| last = done).unwrap();
        assert_eq!((report.errors, report.first_error.as_deref()), (0, None));
        assert!(report.updates > 10 && last <= report.updates, "{report:?}");
        assert!(report.p50_ms > 0.0 && report.p50_ms <= report.p99_ms, "{report:?}");
        assert!(report.cpu_us_per_update > 0.0, "{report:?}");
        assert_eq!(report.durability, "process");
    }
    four.agree(&[1, 2, 3, 4]);
}

#[test]
fn load_on_a_cluster_that_is_down_is_an_error() {
    let four = Four::created(|_| {});
    let report = cluster::bench(&four.dir(), &bench(1, Signing::Each), |_| {});
    let error = report.unwrap_err().to_string();
    assert!(error.contains("0 replicas answer"), "{error}");
    let report = cluster::bench(&four.dir(), &bench(9, Signing::Each), |_| {});
    assert!(matches!(report, Err(ClusterError::Load(_))));
}
