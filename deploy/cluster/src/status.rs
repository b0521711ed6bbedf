//! How a cluster is.

use crate::process::Mark;
use crate::supervise::host_folder;
use crate::{ClusterError, folder};
use serde::Serialize;
use serde_json::Value;
use std::io::Read;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;
use wire::ReplicaId;

/// Longest that a replica may take to answer.
const PATIENCE: Duration = Duration::from_secs(6);

/// Longest answer that is read. Unit: bytes.
const LONGEST: u64 = 1 << 20;

/// How one replica is.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ReplicaStatus {
    /// Which.
    pub id: u16,
    /// Its process, if that runs.
    pub pid: Option<u32>,
    /// Whether the process runs.
    pub alive: bool,
    /// Whether it answers.
    pub answers: bool,
    /// Whether it lost its log and does not take part again yet.
    pub recovering: bool,
    /// Installed view.
    pub view: Option<u64>,
    /// Last global number executed.
    pub executed: Option<u64>,
    /// Updates executed.
    pub updates: Option<u64>,
    /// Fingerprint of its replicated state.
    pub state: Option<String>,
    /// What it was composed of.
    pub composition: Option<String>,
    /// Whether another replica holds proof against it, or refuses its link.
    pub suspected: bool,
    /// Replicas that it holds proof against.
    pub blacklisted: Vec<u16>,
    /// Replicas whose links it refuses for now, because they sent forged signatures.
    pub refused: Vec<u16>,
    /// Everything it said.
    pub details: Value,
}

/// How a cluster is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClusterStatus {
    /// In order of their ids.
    pub replicas: Vec<ReplicaStatus>,
    /// How many must answer for updates to be ordered: 2f+k+1.
    pub quorum: usize,
}

impl ClusterStatus {
    /// Whether enough replicas answer for updates to be ordered.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        self.replicas.iter().filter(|replica| replica.answers).count() >= self.quorum
    }
}

/// Asks all replicas of the cluster in `dir`.
///
/// # Errors
/// [`ClusterError`]: `dir` holds no cluster. A replica that does not answer is no error.
pub fn status(dir: &Path) -> Result<ClusterStatus, ClusterError> {
    let cluster = folder::read(dir)?;
    let mut replicas: Vec<ReplicaStatus> = std::thread::scope(|scope| {
        let asked: Vec<_> = cluster
            .replicas
            .iter()
            .map(|(id, host)| scope.spawn(move || one(dir, *id, host.status)))
            .collect();
        asked.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    let accused: Vec<u16> = replicas
        .iter()
        .flat_map(|replica| replica.blacklisted.iter().chain(&replica.refused).copied())
        .collect();
    for replica in &mut replicas {
        replica.suspected = accused.contains(&replica.id);
    }
    Ok(ClusterStatus { replicas, quorum: cluster.config.quorum() })
}

fn one(dir: &Path, id: ReplicaId, address: SocketAddr) -> ReplicaStatus {
    let mark = Mark::read(&host_folder(dir, id));
    let alive = mark.as_ref().is_some_and(Mark::is_alive);
    let pid = mark.filter(|_| alive).map(|mark| mark.pid);
    let bare = ReplicaStatus { id: id.0, pid, alive, ..ReplicaStatus::default() };
    match ask(address, PATIENCE).filter(|details| details["id"] == id.0) {
        Some(details) => told(bare, details),
        None => bare,
    }
}

fn told(bare: ReplicaStatus, details: Value) -> ReplicaStatus {
    let text = |name: &str| details[name].as_str().map(ToString::to_string);
    let ids = details["blacklisted"].as_array().into_iter().flatten();
    let links = details["links"].as_object().into_iter().flatten();
    let refused = links.filter(|(_, link)| link["refused"] == true);
    ReplicaStatus {
        answers: true,
        recovering: details["recovering"].as_bool().unwrap_or_default(),
        view: details["view"].as_u64(),
        executed: details["executed"].as_u64(),
        updates: details["updates"].as_u64(),
        state: text("state"),
        composition: text("composition"),
        blacklisted: ids.filter_map(|id| id.as_u64()?.try_into().ok()).collect(),
        refused: refused.filter_map(|(id, _)| id.parse().ok()).collect(),
        details,
        ..bare
    }
}

/// What a replica's status port says.
pub(crate) fn ask(address: SocketAddr, patience: Duration) -> Option<Value> {
    let stream = TcpStream::connect_timeout(&address, patience).ok()?;
    stream.set_read_timeout(Some(patience)).ok()?;
    let mut text = String::new();
    stream.take(LONGEST).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}
