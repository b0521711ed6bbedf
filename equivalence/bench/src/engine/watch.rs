//! Notices a version that does not come back.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// What the engine is at, for the watching thread. It holds no lock: a call costs nanoseconds.
#[derive(Debug, Default)]
pub(super) struct Watch {
    calls: AtomicU64,
    case: AtomicU64,
    voter: AtomicUsize,
    calling: AtomicBool,
    over: AtomicBool,
}

impl Watch {
    /// A case begins.
    pub(super) fn case(&self, index: u64) {
        self.case.store(index, Ordering::Relaxed);
    }

    /// A call begins.
    pub(super) fn call(&self, voter: usize) {
        self.voter.store(voter, Ordering::Relaxed);
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.calling.store(true, Ordering::Relaxed);
    }

    /// A call has come back.
    pub(super) fn back(&self) {
        self.calling.store(false, Ordering::Relaxed);
    }

    fn finish(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// Returns voter and case of a call that takes longer than `limit`, or `None` when all is over.
    fn wait(&self, limit: Duration) -> Option<(usize, u64)> {
        let mut seen = (u64::MAX, Instant::now());
        loop {
            thread::park_timeout(limit / 4);
            if self.over.load(Ordering::Relaxed) {
                return None;
            }
            let calls = self.calls.load(Ordering::Relaxed);
            if calls != seen.0 || !self.calling.load(Ordering::Relaxed) {
                seen = (calls, Instant::now());
            } else if seen.1.elapsed() > limit {
                let (voter, case) = (&self.voter, &self.case);
                return Some((voter.load(Ordering::Relaxed), case.load(Ordering::Relaxed)));
            }
        }
    }
}

/// Does `work`; if one call in it takes longer than `limit`, `give_up` is called from another
/// thread with voter and case, while the call goes on.
pub(super) fn watched<T>(
    limit: Duration,
    give_up: impl FnOnce(usize, u64) + Send,
    work: impl FnOnce(&Watch) -> T,
) -> T {
    let watch = Watch::default();
    thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            if let Some((voter, case)) = watch.wait(limit) {
                give_up(voter, case);
            }
        });
        let done = work(&watch);
        watch.finish();
        watcher.thread().unpark();
        done
    })
}
