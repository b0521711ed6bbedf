//! A cluster of its own for each test.

use cluster::{Init, KvSession, ReplicaStatus, Running};
use kv::{Answer, Command, Key, Value};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use wire::ReplicaId;

/// Longest that anything may take that is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The example program `name`, which cargo builds with the tests.
pub(crate) fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().unwrap().parent().unwrap().join("examples").join(name)
}

/// Four replicas. Killed when dropped.
pub(crate) struct Four {
    root: TempDir,
    pub(crate) running: Running,
}

impl Four {
    /// Created, not started.
    pub(crate) fn created(change: impl FnOnce(&mut Init)) -> Self {
        let root = tempfile::tempdir().unwrap();
        let mut init = Init::new(root.path().join("c"), 4, program("replica"));
        change(&mut init);
        cluster::init(&init).unwrap();
        Self { root, running: Running::default() }
    }

    /// Created and started.
    pub(crate) fn started(change: impl FnOnce(&mut Init)) -> Self {
        let mut four = Self::created(change);
        four.up();
        four
    }

    pub(crate) fn dir(&self) -> PathBuf {
        self.root.path().join("c")
    }

    pub(crate) fn host(&self, id: u16) -> PathBuf {
        self.dir().join(format!("replica-{id}"))
    }

    pub(crate) fn up(&mut self) {
        let started = cluster::up(&self.dir()).unwrap_or_else(|error| panic!("{error}"));
        self.running.join(started);
    }

    pub(crate) fn start(&mut self, id: u16) {
        let started = cluster::start_one(&self.dir(), ReplicaId(id));
        self.running.join(started.unwrap_or_else(|error| panic!("{error}")));
    }

    pub(crate) fn kill(&self, id: u16) {
        cluster::kill(&self.dir(), ReplicaId(id)).unwrap();
    }

    pub(crate) fn log(&self, id: u16) -> String {
        std::fs::read_to_string(self.host(id).join("replica.log")).unwrap_or_default()
    }

    pub(crate) fn status(&self) -> Vec<ReplicaStatus> {
        cluster::status(&self.dir()).unwrap().replicas
    }

    pub(crate) fn kv(&self) -> KvSession {
        KvSession::connect(&self.dir(), PATIENCE).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Waits until all of `ids` are in the same state and hold nothing against anybody.
    pub(crate) fn agree(&self, ids: &[u16]) -> ReplicaStatus {
        let mut last = self.same_state(ids);
        assert!(last.iter().all(|status| status.blacklisted.is_empty()), "{last:?}");
        last.swap_remove(0)
    }

    /// Waits until all of `ids` are in the same state.
    pub(crate) fn same_state(&self, ids: &[u16]) -> Vec<ReplicaStatus> {
        let mut last = Vec::new();
        until("replicas agree", || {
            last = self.status();
            last.retain(|status| ids.contains(&status.id));
            let first = &last[0];
            last.iter().all(|status| status.answers && status.state == first.state)
        });
        last
    }
}

impl Drop for Four {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for id in 1..=4 {
                let lines = cluster::last_lines(&self.host(id).join("replica.log"), 0, 12);
                eprintln!("--- replica {id}\n{lines}");
            }
        }
        for id in 1..=4 {
            let _ = cluster::kill(&self.dir(), ReplicaId(id));
        }
    }
}

/// Asks until `is_so`, for as long as is reasonable.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

pub(crate) fn put(key: &str, value: &str) -> Command {
    let key = Key::new(key.into()).unwrap();
    Command::Put { key, value: Value::new(value.into()).unwrap() }
}

pub(crate) fn get(key: &str) -> Command {
    Command::Get { key: Key::new(key.into()).unwrap() }
}

pub(crate) fn found(value: &str) -> Answer {
    Answer::Found(Value::new(value.into()).unwrap())
}

/// Replaces `from` by `to` in a file; `from` must be there.
pub(crate) fn edit(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{}: no {from}", path.display());
    std::fs::write(path, text.replace(from, to)).unwrap();
}
