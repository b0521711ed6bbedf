//! What all replicas of a cluster are told alike, and the quorum functions over it.

use crate::{Digest, Monitoring, ReplicaId, View};
use borsh::{BorshDeserialize, BorshSerialize};

/// Most replicas in a cluster: caps every vector that has a row for each.
pub const MAX_REPLICAS: usize = 64;

/// How far ahead of us a peer may make us remember things. All are counts, none depends on load.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Windows {
    /// PO-Requests of one originator kept beyond those that were executed; it gives out half as many, so
    /// that whoever executed less keeps them too. Unit: preorder numbers.
    pub preorder: u64,
    /// Global numbers kept beyond the ordered one (sixteen times as many beyond the executed one).
    pub order: u64,
    /// Updates of one client held back until the gap before them fills. Unit: client numbers.
    pub client: u64,
    /// Client updates that one originator keeps waiting for a PO-Request.
    pub pending: u64,
    /// Global numbers from one checkpoint to the next. Twice as many fit into what may be ordered
    /// beyond the executed number, so that nobody has to wait for a checkpoint.
    pub checkpoint: u64,
}

/// Delays and periods. Unit: microseconds.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Timing {
    /// Least time between two PO-Requests of one originator.
    pub po_request: u64,
    /// Least time between two PO-ARUs.
    pub po_aru: u64,
    /// Least time between two Pre-Prepares (the report's Delta_pp).
    pub pre_prepare: u64,
    /// How long eligibility may stay uncovered by a Pre-Prepare before a Proof-Matrix goes out.
    pub proof_matrix: u64,
    /// How long without progress before anything is sent again.
    pub retransmit: u64,
    /// How long, after one new life of a server that says that it lost its log was heeded, the next one
    /// is not: it is ordered, but nobody passes over numbers of his own for its sake, nor forgets what
    /// the server was convicted of.
    pub renewal: u64,
}

/// What a VC-Proof is made of (report, 5.3, which has threshold signatures).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, BorshSerialize, BorshDeserialize)]
pub enum Proofs {
    /// The signatures of Q replicas.
    #[default]
    Certificate,
    /// One signature, combined of Q replicas' shares.
    Threshold,
}

/// Everything that the replicas of one cluster agree on before they start.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Config {
    /// Names the cluster; every signature binds it.
    pub cluster: Digest,
    /// Grows with each change of membership or keys; every signature binds it.
    pub epoch: u32,
    /// Replicas, `3f + 2k + 1` or more.
    pub n: u16,
    /// Replicas that may be Byzantine.
    pub f: u16,
    /// Replicas that may be recovering at once (0: the report).
    pub k: u16,
    /// The leader of view `v` is entry `v mod len`. All ids, each at least once.
    pub leaders: Vec<ReplicaId>,
    /// Bounds.
    pub windows: Windows,
    /// Delays and periods.
    pub timing: Timing,
    /// How leaders are judged; `None`: not at all, and the first stays.
    pub monitoring: Option<Monitoring>,
    /// How the constraint of a new view is proven.
    pub proofs: Proofs,
}

/// Why a configuration cannot work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Too few replicas for `f` and `k`, or too many for any cluster.
    #[error("n = {n} replicas, but f = {f} and k = {k} need {need} to {MAX_REPLICAS}")]
    Replicas {
        /// Given.
        n: u16,
        /// Given.
        f: u16,
        /// Given.
        k: u16,
        /// `3f + 2k + 1`.
        need: u32,
    },
    /// The leader table misses somebody or names a stranger.
    #[error("the leader table must name every replica from 1 to {n} and nobody else")]
    Leaders {
        /// Replicas.
        n: u16,
    },
    /// A window of zero, or too large to keep in memory.
    #[error("window `{0}` must be between 1 and 65536")]
    Window(&'static str),
    /// A constant of leader monitoring that makes no sense.
    #[error("constant `{0}` of leader monitoring is out of bounds")]
    Monitoring(&'static str),
    /// Two checkpoints do not fit into what may be ordered beyond the executed number.
    #[error("window `checkpoint` must be at most {most}, which is 8 times window `order`")]
    Checkpoint {
        /// `8 * windows.order`.
        most: u64,
    },
}

/// Whether `n` replicas can be a cluster that tolerates a Byzantine one while `k` recover.
///
/// # Errors
///
/// Says how many it takes.
pub fn check_size(n: u16, k: u16) -> Result<(), String> {
    let need = 4 + 2 * u32::from(k);
    if u32::from(n) < need || usize::from(n) > MAX_REPLICAS {
        return Err(format!(
            "{n} replicas cannot tolerate one Byzantine and {k} recovering ones; give {need} to \
             {MAX_REPLICAS}"
        ));
    }
    Ok(())
}

impl Config {
    /// A configuration with default windows and timing, leaders in turn from 1, not monitored.
    #[must_use]
    pub fn new(cluster: Digest, n: u16, f: u16, k: u16) -> Self {
        Self {
            cluster,
            epoch: 1,
            n,
            f,
            k,
            leaders: (1..=n).map(ReplicaId).collect(),
            windows: Windows {
                preorder: 256,
                order: 64,
                client: 1024,
                pending: 4096,
                checkpoint: 256,
            },
            timing: Timing {
                po_request: 1_000,
                po_aru: 500,
                pre_prepare: 1_000,
                proof_matrix: 20_000,
                retransmit: 100_000,
                renewal: 60_000_000,
            },
            monitoring: None,
            proofs: Proofs::Certificate,
        }
    }

    /// Holds the configuration against its own rules.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check(&self) -> Result<(), ConfigError> {
        let need = 3 * u32::from(self.f) + 2 * u32::from(self.k) + 1;
        if u32::from(self.n) < need || usize::from(self.n) > MAX_REPLICAS {
            return Err(ConfigError::Replicas { n: self.n, f: self.f, k: self.k, need });
        }
        let everybody_leads = self.replicas().all(|id| self.leaders.contains(&id));
        if !everybody_leads || !self.leaders.iter().all(|&id| self.is_replica(id)) {
            return Err(ConfigError::Leaders { n: self.n });
        }
        let windows = [
            ("preorder", self.windows.preorder),
            ("order", self.windows.order),
            ("client", self.windows.client),
            ("pending", self.windows.pending),
            ("checkpoint", self.windows.checkpoint),
        ];
        if let Some((name, _)) = windows.iter().find(|(_, size)| *size == 0 || *size > 65_536) {
            return Err(ConfigError::Window(name));
        }
        let most = 8 * self.windows.order;
        if self.windows.checkpoint > most {
            return Err(ConfigError::Checkpoint { most });
        }
        self.monitoring.iter().try_for_each(|rules| rules.check(&self.timing))
    }

    /// All replicas, ascending.
    pub fn replicas(&self) -> impl Iterator<Item = ReplicaId> + use<> {
        (1..=self.n).map(ReplicaId)
    }

    /// Whether `id` is one of the replicas.
    #[must_use]
    pub fn is_replica(&self, id: ReplicaId) -> bool {
        (1..=self.n).contains(&id.0)
    }

    /// N as a length.
    #[must_use]
    pub fn size(&self) -> usize {
        usize::from(self.n)
    }

    /// The leader of `view`.
    #[must_use]
    pub fn leader_of(&self, view: View) -> ReplicaId {
        let turns = self.leaders.len() as u64;
        self.leaders[usize::try_from(view.0 % turns).expect("below the table's length")]
    }

    /// Q: two sets of this size share a correct replica even while k recover.
    ///
    /// With N = 3f+2k+1 it is `2f + k + 1`; with more replicas, the least that still makes
    /// any two share f+1.
    #[must_use]
    pub fn quorum(&self) -> usize {
        (usize::from(self.n) + usize::from(self.f)) / 2 + 1
    }

    /// Votes needed beside the proposer's own message: Q - 1 (the report's 2f).
    #[must_use]
    pub fn votes_beside_proposer(&self) -> usize {
        self.quorum() - 1
    }

    /// f + 1: at least one of them is correct.
    #[must_use]
    pub fn one_correct(&self) -> usize {
        usize::from(self.f) + 1
    }

    /// f + k + 1: at least one of them is correct and not recovering.
    #[must_use]
    pub fn one_available(&self) -> usize {
        usize::from(self.f) + usize::from(self.k) + 1
    }
}
