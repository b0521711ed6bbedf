//! The key-value service for people: one command at a time, without a runtime of one's own.

use crate::init::{KV_CLIENT, client_folder};
use crate::{ClusterError, folder};
use client::{Client, Options};
use kv::{Answer, Command};
use layout::Durability;
use std::path::Path;
use std::time::Duration;
use tokio::runtime::Runtime;

/// A connected key-value client.
#[derive(Debug)]
pub struct KvSession {
    runtime: Runtime,
    client: Client,
    patience: Duration,
}

impl KvSession {
    /// Connects to the cluster in `dir`; each command is given `patience` to be answered.
    ///
    /// # Errors
    /// [`ClusterError`]: fewer than f+1 replicas answer, or another process is using the client.
    pub fn connect(dir: &Path, patience: Duration) -> Result<Self, ClusterError> {
        folder::read(dir)?;
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let options = Options { durability: Durability::Power, ..Options::default() };
        let client = runtime.block_on(Client::connect(&client_folder(dir, KV_CLIENT), options))?;
        Ok(Self { runtime, client, patience })
    }

    /// Has `command` executed.
    ///
    /// # Errors
    /// [`ClusterError`]: no answer within the patience, or none that makes sense.
    pub fn run(&self, command: &Command) -> Result<Answer, ClusterError> {
        let asked = async {
            tokio::time::timeout(self.patience, self.client.submit(command.encode())).await
        };
        let result = self
            .runtime
            .block_on(asked)
            .map_err(|_| ClusterError::NoAnswer { seconds: self.patience.as_secs() })?;
        Answer::decode(&result?).map_err(ClusterError::BadAnswer)
    }

    /// Waits a moment for the journal to say that all is answered.
    pub fn close(self) {
        self.runtime.block_on(self.client.close(Duration::from_secs(1)));
    }
}

/// Has one command executed by the cluster in `dir`.
///
/// # Errors
/// As for [`KvSession`].
pub fn kv(dir: &Path, command: &Command, patience: Duration) -> Result<Answer, ClusterError> {
    let session = KvSession::connect(dir, patience)?;
    let answer = session.run(command);
    session.close();
    answer
}
