//! A new cluster: keys, addresses and host folders.

use crate::addresses::{self, Addresses};
use crate::{ClusterError, supervise::host_folder};
use layout::{ClientFile, Cluster, Durability, Enrolled, Host, NodeFile, Secrets, ThresholdSecret};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use wire::threshold::Dealt;
use wire::{ClientId, Config, Digest, Monitoring, Proofs, ReplicaId};

/// Clients for load: `bench-1` to this.
pub const BENCH_CLIENTS: u32 = 8;

/// The name of the client that the key-value commands use.
pub const KV_CLIENT: &str = "kv";

/// Least time between two Pre-Prepares of a new cluster. Clients are paced by it: what several of
/// them wait for is ordered and answered together, which takes a third less of everybody's
/// processors than ordering one by one. One client alone waits for most of it. Unit: microseconds.
const PRE_PREPARE: u64 = 4_000;

/// What to create.
#[derive(Clone, Debug)]
pub struct Init {
    /// Where; new or empty.
    pub dir: PathBuf,
    /// Replicas.
    pub n: u16,
    /// Of which this many may be Byzantine.
    pub f: u16,
    /// And this many recovering at once.
    pub k: u16,
    /// The replicas' programs in order of their ids, or one for all.
    pub programs: Vec<PathBuf>,
    /// See [`Durability`].
    pub durability: Durability,
    /// Whether replicas record their inputs for a replay.
    pub flight: bool,
    /// How leaders are judged; `None`: not at all, and the first stays.
    pub monitoring: Option<Monitoring>,
    /// The keys of a cluster whose proofs are threshold signatures, dealt for `n` replicas and the
    /// quorum of `n`, `f` and `k`; `None`: its proofs are certificates.
    pub threshold: Option<Dealt>,
    /// Where they listen; free loopback ports are chosen if it is `None`.
    pub addresses: Option<BTreeMap<ReplicaId, Addresses>>,
}

impl Init {
    /// `n` replicas that tolerate as many faults as they can, all run by `program`.
    #[must_use]
    pub fn new(dir: PathBuf, n: u16, program: PathBuf) -> Self {
        Self {
            dir,
            n,
            f: n.saturating_sub(1) / 3,
            k: 0,
            programs: vec![program],
            durability: Durability::Process,
            flight: false,
            monitoring: Some(Monitoring::robust()),
            threshold: None,
            addresses: None,
        }
    }
}

/// What was created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Created {
    /// Where.
    pub dir: PathBuf,
    /// The cluster's name, in hexadecimal digits.
    pub cluster: String,
    /// Replicas.
    pub n: u16,
    /// Byzantine ones tolerated.
    pub f: u16,
    /// Recovering ones tolerated.
    pub k: u16,
    /// Names of the clients.
    pub clients: Vec<String>,
}

/// Creates a cluster's folder with fresh keys. Each host's folder holds its own secret alone.
///
/// # Errors
/// [`ClusterError`]: the folder is not empty, the numbers do not fit, or a program is missing.
///
/// # Panics
/// If threshold keys were dealt for other replicas.
pub fn init(init: &Init) -> Result<Created, ClusterError> {
    let Init { dir, n, f, k, .. } = init;
    let mut name = [0; 32];
    getrandom::fill(&mut name).map_err(io::Error::other)?;
    let mut config = Config::new(Digest(name), *n, *f, *k);
    config.timing.pre_prepare = PRE_PREPARE;
    config.monitoring.clone_from(&init.monitoring);
    if let Some(dealt) = &init.threshold {
        assert!(config.replicas().eq(dealt.secrets.keys().copied()), "dealt for these replicas");
        config.proofs = Proofs::Threshold;
    }
    config.check()?;
    let programs = programs(init)?;
    must_be_empty(dir)?;
    let addresses = match &init.addresses {
        Some(addresses) => addresses.clone(),
        None => addresses::free(*n)?,
    };
    let mut replicas = BTreeMap::new();
    let mut clients = BTreeMap::new();
    folder(dir, 0o755)?;
    for (id, program) in config.replicas().zip(programs) {
        let host = host_folder(dir, id);
        folder(&host, 0o700)?;
        let mut secrets = Secrets::for_replica().map_err(io::Error::other)?;
        let share = init.threshold.as_ref().map(|dealt| ThresholdSecret(dealt.secrets[&id]));
        secrets.threshold = share;
        secrets.write(&host.join("secret.key"))?;
        let mut node = NodeFile::new(id, init.durability, program);
        node.flight = init.flight;
        node.write(&host)?;
        replicas.insert(id, as_seen_by_others(id, &secrets, &addresses)?);
    }
    folder(&dir.join("clients"), 0o755)?;
    let names = (1..=BENCH_CLIENTS).map(bench_client).chain([KV_CLIENT.to_string()]);
    for (id, name) in (1..).map(ClientId).zip(names) {
        let place = client_folder(dir, &name);
        folder(&place, 0o700)?;
        let secrets = Secrets::for_client().map_err(io::Error::other)?;
        secrets.write(&place.join("secret.key"))?;
        ClientFile::new(id).write(&place)?;
        clients.insert(id, Enrolled { name, key: secrets.signing.public() });
    }
    let threshold = init.threshold.as_ref().map(|dealt| dealt.keys.clone());
    let cluster = Cluster { config, replicas, clients, threshold };
    for id in cluster.config.replicas() {
        cluster.write(&host_folder(dir, id))?;
    }
    cluster.write(dir)?;
    Ok(Created {
        dir: dir.clone(),
        cluster: cluster.config.cluster.to_string(),
        n: *n,
        f: *f,
        k: *k,
        clients: cluster.clients.into_values().map(|client| client.name).collect(),
    })
}

/// The name of the `number`-th client for load, from 1.
pub(crate) fn bench_client(number: u32) -> String {
    format!("bench-{number}")
}

/// The folder of client `name`.
pub(crate) fn client_folder(dir: &Path, name: &str) -> PathBuf {
    dir.join("clients").join(name)
}

fn as_seen_by_others(
    id: ReplicaId,
    secrets: &Secrets,
    addresses: &BTreeMap<ReplicaId, Addresses>,
) -> Result<Host, ClusterError> {
    let n = u16::try_from(addresses.len()).unwrap_or(u16::MAX);
    let Addresses { peer, client, status } =
        *addresses.get(&id).ok_or(ClusterError::NoReplica { id, n })?;
    let link = secrets.link.as_ref().expect("a replica's secrets have one").public();
    Ok(Host { key: secrets.signing.public(), link, peer, client, status })
}

/// The absolute path of each replica's program.
fn programs(init: &Init) -> Result<Vec<PathBuf>, ClusterError> {
    let programs = init.programs.iter().map(|path| {
        let wrong = |what: String| ClusterError::Program { path: path.clone(), what };
        let absolute = fs::canonicalize(path).map_err(|error| wrong(error.to_string()))?;
        let metadata = fs::metadata(&absolute).map_err(|error| wrong(error.to_string()))?;
        if !metadata.is_file() || metadata.permissions().mode() & 0o111 == 0 {
            return Err(wrong("is not a program that can be run".to_string()));
        }
        Ok(absolute)
    });
    let programs = programs.collect::<Result<Vec<_>, _>>()?;
    match programs.len() {
        1 => Ok(vec![programs[0].clone(); usize::from(init.n)]),
        given if given == usize::from(init.n) => Ok(programs),
        given => Err(ClusterError::Programs { given, replicas: init.n }),
    }
}

fn must_be_empty(dir: &Path) -> Result<(), ClusterError> {
    match fs::read_dir(dir).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(ClusterError::NotEmpty(dir.to_path_buf())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(ClusterError::io(dir, "read")(error)),
    }
}

/// Creates a folder with permission bits `mode`, whatever the umask.
fn folder(path: &Path, mode: u32) -> Result<(), ClusterError> {
    let create = || {
        DirBuilder::new().recursive(true).mode(mode).create(path)?;
        fs::set_permissions(path, fs::Permissions::from_mode(mode))
    };
    create().map_err(ClusterError::io(path, "created"))
}
