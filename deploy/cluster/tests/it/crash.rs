//! `kill -9` at any moment: no acknowledged update is lost and no promise is broken.

use crate::harness::{Four, PATIENCE, found, get, put, until};
use client::{Client, Options};
use kv::{Answer, Command};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Updates outstanding while replicas are killed.
const SLOTS: u64 = 16;

/// A client that puts `key = key` until it is stopped, in a thread of its own.
pub(crate) struct Writer {
    stop: Arc<AtomicBool>,
    acknowledged: Arc<AtomicU64>,
    thread: JoinHandle<Vec<String>>,
}

impl Writer {
    pub(crate) fn start(folder: PathBuf) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let acknowledged = Arc::new(AtomicU64::new(0));
        let shared = (Arc::clone(&stop), Arc::clone(&acknowledged));
        let thread = std::thread::spawn(move || write(&folder, &shared.0, &shared.1));
        Self { stop, acknowledged, thread }
    }

    pub(crate) fn acknowledged(&self) -> u64 {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// Waits until `more` updates were acknowledged from now on.
    pub(crate) fn await_more(&self, more: u64) {
        let goal = self.acknowledged() + more;
        until("updates are acknowledged", || self.acknowledged() >= goal);
    }

    /// The keys that were acknowledged.
    pub(crate) fn stop(self) -> Vec<String> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn write(
    folder: &std::path::Path,
    stop: &Arc<AtomicBool>,
    count: &Arc<AtomicU64>,
) -> Vec<String> {
    let client = Client::connect(folder, Options::default()).await.unwrap();
    let mut slots = tokio::task::JoinSet::new();
    for slot in 0..SLOTS {
        let (client, stop, count) = (client.clone(), Arc::clone(stop), Arc::clone(count));
        slots.spawn(async move {
            let mut keys = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let key = format!("{slot}/{}", keys.len());
                let submitted = client.submit(put(&key, &key).encode());
                let result = tokio::time::timeout(PATIENCE, submitted).await;
                let answer = Answer::decode(&result.expect("an answer in time").unwrap());
                assert_eq!(answer.unwrap(), Answer::Stored { replaced: false }, "{key}");
                keys.push(key);
                count.fetch_add(1, Ordering::Relaxed);
            }
            keys
        });
    }
    let keys = slots.join_all().await.concat();
    client.close(Duration::from_secs(1)).await;
    keys
}

/// Asserts that all of `keys` are there.
pub(crate) fn all_there(four: &Four, keys: &[String]) {
    let kv = four.kv();
    for key in keys {
        assert_eq!(kv.run(&get(key)).unwrap(), found(key), "{key} was acknowledged");
    }
    kv.close();
}

#[test]
fn killing_all_at_once_under_load_loses_nothing_that_was_acknowledged() {
    let mut four = Four::started(|_| {});
    let writer = Writer::start(four.dir().join("clients/bench-1"));
    for _ in 0..2 {
        writer.await_more(200);
        (1..=4).for_each(|id| four.kill(id));
        four.up();
    }
    writer.await_more(100);
    let keys = writer.stop();
    let status = four.agree(&[1, 2, 3, 4]);
    // Each was executed once: no answer said that a key was there before.
    assert_eq!(status.updates, Some(keys.len() as u64));
    all_there(&four, &keys);
}

#[test]
fn restarting_one_after_another_under_load_stops_nobody() {
    let mut four = Four::started(|_| {});
    let writer = Writer::start(four.dir().join("clients/bench-1"));
    for id in 1..=4 {
        writer.await_more(100);
        four.kill(id);
        // Three of four are enough, whoever leads.
        writer.await_more(50);
        four.start(id);
    }
    writer.await_more(100);
    let keys = writer.stop();
    assert_eq!(four.agree(&[1, 2, 3, 4]).updates, Some(keys.len() as u64));
    all_there(&four, &keys);
}

#[test]
fn a_client_that_was_killed_leaves_no_gap() {
    let four = Four::started(|_| {});
    let folder = four.dir().join("clients/kv");
    // Numbers are used and never sent, as if the process had died in between.
    let cluster = layout::Cluster::read(&four.dir()).unwrap();
    let id = cluster.client_named("kv").unwrap();
    let mut journal =
        client::journal::Journal::open(&folder, cluster.config.cluster, id, false).unwrap();
    for key in ["a", "b", "c"] {
        journal.submit(wire::Blob::new(put(key, "1").encode()).unwrap());
    }
    journal.commit().unwrap();
    drop(journal);
    let kv = four.kv();
    let scan = Command::Scan { prefix: kv::Key::default(), limit: 10 };
    match kv.run(&scan).unwrap() {
        Answer::Entries { entries, .. } => assert_eq!(entries.len(), 3),
        other => panic!("{other:?}"),
    }
}
