//! What can go wrong with a cluster.

use client::ClientError;
use layout::LayoutError;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use wire::{ConfigError, ReplicaId};

/// Why something could not be done. Each message names the place and the mend.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// A file of the cluster.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// Replicas, tolerance and recovering do not fit together.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A client.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// There is no such folder.
    #[error("{}: there is no such folder; make a cluster there with `patchy init`", dir.display())]
    NoFolder {
        /// Which.
        dir: PathBuf,
    },
    /// The folder holds no cluster.
    #[error(
        "{}: this is no cluster's folder, for it holds no cluster.toml; name another, or make a \
         cluster in an empty one with `patchy init`",
        dir.display()
    )]
    NoCluster {
        /// Which.
        dir: PathBuf,
    },
    /// The folder is of one replica or client, where the whole cluster's is asked for.
    #[error("{}: this is the folder of one {whose}; name the cluster's{}", dir.display(), which(.cluster))]
    Part {
        /// Which.
        dir: PathBuf,
        /// "replica" or "client".
        whose: &'static str,
        /// The cluster's folder, if it stands above.
        cluster: Option<PathBuf>,
    },
    /// It is not to be started any more.
    #[error("the cluster is being stopped")]
    Stopping,
    /// Told to stop, after what it had killed was revived.
    #[error("stopped before its time")]
    Cancelled,
    /// The folder for a new cluster holds something already.
    #[error("{}: not empty; a new cluster needs a new or empty folder", .0.display())]
    NotEmpty(PathBuf),
    /// There are neither as many programs as replicas nor one for all.
    #[error("{given} programs for {replicas} replicas: give one for each, or one for all")]
    Programs {
        /// Given.
        given: usize,
        /// Needed.
        replicas: u16,
    },
    /// A replica's program is missing or cannot be run.
    #[error("{}: {what}", path.display())]
    Program {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// A host's file names a program that is missing or cannot be run.
    #[error(
        "{}: `binary` names {}, which {what}; put the program back, or name another one there",
        node.display(), binary.display()
    )]
    Binary {
        /// Its `node.toml`.
        node: PathBuf,
        /// The program.
        binary: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The hosts file does not say what is needed.
    #[error("{}: {what}", path.display())]
    Hosts {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// No such replica.
    #[error("there is no replica {id}: the cluster has 1 to {n}")]
    NoReplica {
        /// Asked for.
        id: ReplicaId,
        /// How many there are.
        n: u16,
    },
    /// It runs already.
    #[error("replica {id} runs already (pid {pid})")]
    Runs {
        /// Which.
        id: ReplicaId,
        /// Its process.
        pid: u32,
    },
    /// It does not run.
    #[error("replica {0} does not run: start it with `patchy up`")]
    DoesNotRun(ReplicaId),
    /// Somebody else listens where a replica should.
    #[error(
        "{address}: in use by another program, but replica {id} should listen there for {what}; \
         stop that program, or create the cluster anew on other ports"
    )]
    PortInUse {
        /// Where.
        address: SocketAddr,
        /// Whose.
        id: ReplicaId,
        /// What for.
        what: &'static str,
    },
    /// All ports from which those of a new cluster are chosen are taken.
    #[error("no free ports on 127.0.0.1 from {from} to {to}: stop some of what listens there")]
    NoPorts {
        /// The lowest.
        from: u16,
        /// The highest.
        to: u16,
    },
    /// A replica ended while it started.
    #[error("replica {id} ended at once ({how}); the last lines of {}:\n{lines}", log.display())]
    EndedAtOnce {
        /// Which.
        id: ReplicaId,
        /// Exit code or signal.
        how: String,
        /// Its log.
        log: PathBuf,
        /// The end of that.
        lines: String,
    },
    /// A replica runs but does not answer.
    #[error(
        "replica {id} does not answer on {address} after {seconds} s; the last lines of {}:\n{lines}",
        log.display()
    )]
    Silent {
        /// Which.
        id: ReplicaId,
        /// Its status port.
        address: SocketAddr,
        /// How long it was waited for.
        seconds: u64,
        /// Its log.
        log: PathBuf,
        /// The end of that.
        lines: String,
    },
    /// The load could not be made.
    #[error("the load failed: {0}")]
    Load(String),
    /// Too few replicas answered an update in time. It may still be executed.
    #[error(
        "no answer from f+1 replicas within {seconds} s; are enough of them running? (`status`)"
    )]
    NoAnswer {
        /// How long it was waited for.
        seconds: u64,
    },
    /// A replica that was revived does not catch up.
    #[error(
        "replica {id} has executed {executed} of {goal} global numbers {seconds} s after it was \
         revived"
    )]
    Behind {
        /// Which.
        id: ReplicaId,
        /// The last one that it has executed.
        executed: u64,
        /// The last one that another had executed when it was revived.
        goal: u64,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The replicas agree on an answer that is none of the key-value service.
    #[error("the answer is none of the key-value service: {0}")]
    BadAnswer(wire::codec::Malformed),
    /// The operating system refuses.
    #[error("{}: cannot be {doing}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// "created" and the like.
        doing: &'static str,
        /// Why.
        source: io::Error,
    },
    /// The operating system refuses something that has no file.
    #[error("the system refuses: {0}")]
    System(#[from] io::Error),
}

impl ClusterError {
    pub(crate) fn io(
        path: &std::path::Path,
        doing: &'static str,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { path, doing, source }
    }
}

/// The cluster's folder, where it was found.
fn which(cluster: &Option<PathBuf>) -> String {
    cluster.as_ref().map(|dir| format!(", {}", dir.display())).unwrap_or_default()
}
