//! A client of a cluster, to submit what it is told and see whether answers come.

use crate::exit::{Failure, Result};
use client::{Client, Options};
use kv::{Command, Key, Value};
use std::path::Path;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// An enrolled client, connected to all replicas that answer.
pub(super) struct Probe {
    runtime: Runtime,
    client: Client,
}

/// The bytes that set a planted fault off, wherever they stand in an update.
pub(super) const TRIGGER: &[u8] = b"planted-trigger";

/// A put of some value: well-formed whatever the value.
pub(super) fn put(key: &str, value: &[u8]) -> Result<Vec<u8>> {
    let too_long = |_| Failure::internal("a key or value of the demonstration is too long");
    let key = Key::new(key.as_bytes().to_vec()).map_err(too_long)?;
    let value = Value::new(value.to_vec()).map_err(too_long)?;
    Ok(Command::Put { key, value }.encode())
}

impl Probe {
    /// Connects as an enrolled client of the cluster in `dir`.
    pub(super) fn connect(dir: &Path, client: &str) -> Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|error| Failure::internal(format!("no runtime: {error}")))?;
        let folder = dir.join("clients").join(client);
        let client = runtime.block_on(Client::connect(&folder, Options::default()))?;
        Ok(Self { runtime, client })
    }

    /// Submits updates, all at once, and counts those that are answered in time.
    pub(super) fn answered(&self, payloads: Vec<Vec<u8>>, patience: Duration) -> u64 {
        let client = self.client.clone();
        self.runtime.block_on(async move {
            let mut waiting = JoinSet::new();
            for payload in payloads {
                let client = client.clone();
                let answer = async move { timeout(patience, client.submit(payload)).await };
                waiting.spawn(answer);
            }
            let mut answered = 0;
            while let Some(outcome) = waiting.join_next().await {
                answered += u64::from(matches!(outcome, Ok(Ok(Ok(_)))));
            }
            answered
        })
    }
}

/// Some ordinary updates.
pub(super) fn ordinary(count: u32) -> Result<Vec<Vec<u8>>> {
    (0..count).map(|number| put(&format!("demo/{number}"), b"an ordinary value")).collect()
}
