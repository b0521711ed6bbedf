//! `node.toml`: which replica a host folder belongs to, and how it runs.

use crate::{FORMAT, LayoutError, text};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use wire::ReplicaId;

/// Name of the file in a host folder.
pub const FILE: &str = "node.toml";

/// What a promise must have reached before it is spoken. At both levels everything is
/// `fdatasync`ed before a client is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Durability {
    /// The operating system: survives the death of the process.
    Process,
    /// The disk: survives the loss of power.
    Power,
}

impl Durability {
    /// The word in files and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Power => "power",
        }
    }
}

/// The contents of `node.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeFile {
    format: u16,
    id: u16,
    /// See [`Durability`].
    pub durability: Durability,
    /// The program that the supervisor starts for this host.
    pub binary: PathBuf,
    /// Whether inputs are recorded in `flight.bin`, for `--replay`.
    #[serde(default)]
    pub flight: bool,
    /// Where recording stops. Unit: bytes.
    #[serde(default = "flight_limit")]
    pub flight_limit: u64,
    /// The size at which the log refuses to grow and the replica stops. Unit: bytes.
    #[serde(default = "log_limit")]
    pub log_limit: u64,
}

fn flight_limit() -> u64 {
    256 << 20
}

fn log_limit() -> u64 {
    64 << 30
}

impl NodeFile {
    /// The file of replica `id`, run by `binary`, with default limits and no recording.
    #[must_use]
    pub fn new(id: ReplicaId, durability: Durability, binary: PathBuf) -> Self {
        Self {
            format: FORMAT,
            id: id.0,
            durability,
            binary,
            flight: false,
            flight_limit: flight_limit(),
            log_limit: log_limit(),
        }
    }

    /// Which replica.
    #[must_use]
    pub fn id(&self) -> ReplicaId {
        ReplicaId(self.id)
    }

    /// Reads the file in host folder `dir`.
    ///
    /// # Errors
    /// [`LayoutError`].
    pub fn read(dir: &Path) -> Result<Self, LayoutError> {
        text::read(&dir.join(FILE), |file: &Self| file.format)
    }

    /// Writes the file into host folder `dir`.
    ///
    /// # Errors
    /// [`LayoutError`].
    pub fn write(&self, dir: &Path) -> Result<(), LayoutError> {
        text::write(&dir.join(FILE), 0o644, self)
    }
}
