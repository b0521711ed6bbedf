//! `cluster.toml`: what everybody may know about a cluster.

use crate::hex::{self, Hex};
use crate::{FORMAT, LayoutError, LinkKey, text};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;
use wire::ed25519::{KeyError, PublicKey};
use wire::monitoring::{Mode, Monitoring};
use wire::threshold::{KEY, Keys};
use wire::{ClientId, Config, Digest, Principal, Proofs, ReplicaId, Timing, Windows};

/// Name of the file, in the cluster's folder and in each host folder.
pub const FILE: &str = "cluster.toml";

/// Most clients that may be enrolled.
pub const MAX_CLIENTS: usize = 1 << 16;

/// One replica, as others see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Verifies what it signs.
    pub key: PublicKey,
    /// Authenticates its links.
    pub link: LinkKey,
    /// Where it listens for replicas.
    pub peer: SocketAddr,
    /// Where it listens for clients.
    pub client: SocketAddr,
    /// Where it tells its status to whoever connects.
    pub status: SocketAddr,
}

/// One client, as others see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// The name of its folder.
    pub name: String,
    /// Verifies what it signs.
    pub key: PublicKey,
}

/// The contents of `cluster.toml`, held against all rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// What the protocol is told.
    pub config: Config,
    /// All replicas `1..=n`.
    pub replicas: BTreeMap<ReplicaId, Host>,
    /// All clients.
    pub clients: BTreeMap<ClientId, Enrolled>,
    /// Verify threshold signatures and their shares; there are such just where
    /// [`Config::proofs`] says so. Whether they are points is for whoever uses them to find out.
    pub threshold: Option<Keys>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClusterFile {
    format: u16,
    #[serde(with = "hex")]
    cluster: [u8; 32],
    epoch: u32,
    n: u16,
    f: u16,
    k: u16,
    leaders: Vec<u16>,
    windows: WindowsFile,
    timing: TimingFile,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    monitoring: Option<MonitoringFile>,
    /// Without it, the cluster's proofs are certificates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    threshold: Option<ThresholdFile>,
    replica: Vec<HostFile>,
    #[serde(default)]
    client: Vec<EnrolledFile>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WindowsFile {
    preorder: u64,
    order: u64,
    client: u64,
    pending: u64,
    /// Absent from files written before there were checkpoints.
    #[serde(default = "default_checkpoint")]
    checkpoint: u64,
}

/// Unit: microseconds.
fn default_checkpoint() -> u64 {
    256
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TimingFile {
    po_request: u64,
    po_aru: u64,
    pre_prepare: u64,
    proof_matrix: u64,
    retransmit: u64,
    /// Absent from files written before lives were heeded seldom.
    #[serde(default = "default_renewal")]
    renewal: u64,
}

/// Unit: microseconds.
fn default_renewal() -> u64 {
    60_000_000
}

/// Unit: microseconds, but `k_lat` in percent.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MonitoringFile {
    period: u64,
    k_lat: u32,
    delta_pp: u64,
    rtt_floor: u64,
    sched_slack: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stall_min: Option<u64>,
    /// Without it, the report's mode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    robust: Option<RobustFile>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RobustFile {
    outliers: u16,
    window: u64,
}

impl From<&MonitoringFile> for Monitoring {
    fn from(file: &MonitoringFile) -> Self {
        let MonitoringFile { period, k_lat, delta_pp, rtt_floor, sched_slack, stall_min, .. } =
            *file;
        let mode = match file.robust {
            Some(RobustFile { outliers, window }) => Mode::Robust { outliers, window },
            None => Mode::Report,
        };
        Self { period, k_lat, delta_pp, rtt_floor, sched_slack, stall_min, mode }
    }
}

impl From<&Monitoring> for MonitoringFile {
    fn from(rules: &Monitoring) -> Self {
        let Monitoring { period, k_lat, delta_pp, rtt_floor, sched_slack, stall_min, mode } =
            *rules;
        let robust = match mode {
            Mode::Report => None,
            Mode::Robust { outliers, window } => Some(RobustFile { outliers, window }),
        };
        Self { period, k_lat, delta_pp, rtt_floor, sched_slack, stall_min, robust }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ThresholdFile {
    #[serde(with = "hex")]
    key: [u8; KEY],
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HostFile {
    id: u16,
    #[serde(with = "hex")]
    key: [u8; 32],
    /// Verifies its shares of threshold signatures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    threshold: Option<Hex<KEY>>,
    link: LinkKey,
    peer: SocketAddr,
    client: SocketAddr,
    status: SocketAddr,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EnrolledFile {
    id: u32,
    name: String,
    #[serde(with = "hex")]
    key: [u8; 32],
}

impl Cluster {
    /// Reads `cluster.toml` in `dir` and holds it against all rules.
    ///
    /// # Errors
    /// [`LayoutError`]: unreadable, or the first rule that is broken.
    pub fn read(dir: &Path) -> Result<Self, LayoutError> {
        let path = dir.join(FILE);
        let file: ClusterFile = text::read(&path, |file: &ClusterFile| file.format)?;
        file.check().map_err(|what| LayoutError::content(&path, what))
    }

    /// Writes `cluster.toml` into `dir`.
    ///
    /// # Errors
    /// [`LayoutError`].
    pub fn write(&self, dir: &Path) -> Result<(), LayoutError> {
        text::write(&dir.join(FILE), 0o644, &ClusterFile::from(self))
    }

    /// Everybody's public keys, for verifying.
    #[must_use]
    pub fn roster(&self) -> BTreeMap<Principal, PublicKey> {
        let replicas = self.replicas.iter().map(|(id, host)| ((*id).into(), host.key));
        let clients = self.clients.iter().map(|(id, client)| ((*id).into(), client.key));
        replicas.chain(clients).collect()
    }

    /// The client whose folder is `name`.
    #[must_use]
    pub fn client_named(&self, name: &str) -> Option<ClientId> {
        self.clients.iter().find(|(_, client)| client.name == name).map(|(id, _)| *id)
    }
}

impl ClusterFile {
    fn check(self) -> Result<Cluster, String> {
        let config = self.config();
        config.check().map_err(|error| error.to_string())?;
        let mut keys = BTreeSet::new();
        let mut links = BTreeSet::new();
        let mut enrol = |owner: &str, bytes: [u8; 32]| {
            if !keys.insert(bytes) {
                return Err(format!("the key of {owner} is enrolled twice"));
            }
            PublicKey::enrol(bytes).map_err(|error| {
                let what = match error {
                    KeyError::Encoding => "not the canonical encoding of a point of the curve",
                    KeyError::Torsion => "a point with a component of small order",
                };
                format!(
                    "the key of {owner} is {what}, so anybody might sign in its name; put back the \
                     `key` that belongs to the `signing` in its secret.key"
                )
            })
        };
        let threshold = threshold_keys(self.threshold.as_ref(), &self.replica)?;
        let mut replicas = BTreeMap::new();
        for entry in self.replica {
            let id = ReplicaId(entry.id);
            if !config.is_replica(id) {
                return Err(format!("replica {id} is not one of 1 to {}", config.n));
            }
            if !links.insert(entry.link) {
                return Err(format!("the link key of replica {id} is used twice"));
            }
            if entry.link.is_of_small_order() {
                return Err(format!(
                    "the link key of replica {id} is a point of small order, so anybody might dial in \
                     its name; put back the `link` that belongs to the `link` in its secret.key"
                ));
            }
            let key = enrol(&format!("replica {id}"), entry.key)?;
            let HostFile { link, peer, client, status, .. } = entry;
            if replicas.insert(id, Host { key, link, peer, client, status }).is_some() {
                return Err(format!("replica {id} is listed twice"));
            }
        }
        if let Some(id) = config.replicas().find(|id| !replicas.contains_key(id)) {
            return Err(format!("replica {id} is missing"));
        }
        if self.client.len() > MAX_CLIENTS {
            return Err(format!("more than {MAX_CLIENTS} clients"));
        }
        let mut clients = BTreeMap::new();
        for EnrolledFile { id, name, key } in self.client {
            let key = enrol(&format!("client {id}"), key)?;
            if clients.insert(ClientId(id), Enrolled { name, key }).is_some() {
                return Err(format!("client {id} is listed twice"));
            }
        }
        Ok(Cluster { config, replicas, clients, threshold })
    }

    fn config(&self) -> Config {
        let WindowsFile { preorder, order, client, pending, checkpoint } = self.windows;
        let TimingFile { po_request, po_aru, pre_prepare, proof_matrix, retransmit, renewal } =
            self.timing;
        Config {
            cluster: Digest(self.cluster),
            epoch: self.epoch,
            n: self.n,
            f: self.f,
            k: self.k,
            leaders: self.leaders.iter().map(|&id| ReplicaId(id)).collect(),
            windows: Windows { preorder, order, client, pending, checkpoint },
            timing: Timing { po_request, po_aru, pre_prepare, proof_matrix, retransmit, renewal },
            monitoring: self.monitoring.as_ref().map(Monitoring::from),
            proofs: match self.threshold {
                None => Proofs::Certificate,
                Some(_) => Proofs::Threshold,
            },
        }
    }
}

/// The keys of a cluster of threshold signatures, which all its replicas have; others have none.
fn threshold_keys(
    file: Option<&ThresholdFile>,
    replicas: &[HostFile],
) -> Result<Option<Keys>, String> {
    const MEND: &str = "put back the cluster.toml that `patchy init` wrote";
    let odd = replicas.iter().find(|entry| entry.threshold.is_some() != file.is_some());
    match odd.map(|entry| (entry.id, file)) {
        Some((id, Some(_))) => Err(format!("replica {id} has no `threshold` key; {MEND}")),
        Some((id, None)) => {
            Err(format!("replica {id} has a `threshold` key, but the cluster has none; {MEND}"))
        }
        None => Ok(file.map(|file| {
            let share = |entry: &HostFile| Some((ReplicaId(entry.id), entry.threshold?.0));
            Keys { group: file.key, shares: replicas.iter().filter_map(share).collect() }
        })),
    }
}

impl From<&Cluster> for ClusterFile {
    fn from(cluster: &Cluster) -> Self {
        let Config { cluster: name, epoch, n, f, k, leaders, windows, timing, monitoring, .. } =
            &cluster.config;
        let threshold = cluster.threshold.as_ref();
        let Windows { preorder, order, client, pending, checkpoint } = *windows;
        let Timing { po_request, po_aru, pre_prepare, proof_matrix, retransmit, renewal } = *timing;
        let host = |(id, host): (&ReplicaId, &Host)| HostFile {
            id: id.0,
            key: host.key.bytes(),
            threshold: threshold.and_then(|keys| keys.shares.get(id)).map(|key| Hex(*key)),
            link: host.link,
            peer: host.peer,
            client: host.client,
            status: host.status,
        };
        let enrolled = |(id, client): (&ClientId, &Enrolled)| EnrolledFile {
            id: id.0,
            name: client.name.clone(),
            key: client.key.bytes(),
        };
        Self {
            format: FORMAT,
            cluster: name.0,
            epoch: *epoch,
            n: *n,
            f: *f,
            k: *k,
            leaders: leaders.iter().map(|id| id.0).collect(),
            windows: WindowsFile { preorder, order, client, pending, checkpoint },
            timing: TimingFile {
                po_request,
                po_aru,
                pre_prepare,
                proof_matrix,
                retransmit,
                renewal,
            },
            monitoring: monitoring.as_ref().map(MonitoringFile::from),
            threshold: threshold.map(|keys| ThresholdFile { key: keys.group }),
            replica: cluster.replicas.iter().map(host).collect(),
            client: cluster.clients.iter().map(enrolled).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monitoring_is_read_as_it_was_written() {
        for rules in [Monitoring::report(), Monitoring::robust()] {
            let text = toml::to_string(&MonitoringFile::from(&rules)).unwrap();
            let file: MonitoringFile = toml::from_str(&text).unwrap();
            assert_eq!(Monitoring::from(&file), rules, "{text}");
        }
    }
}
