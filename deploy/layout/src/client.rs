//! `client.toml`: which client a folder belongs to.

use crate::{FORMAT, LayoutError, text};
use serde::{Deserialize, Serialize};
use std::path::Path;
use wire::ClientId;

/// Name of the file in a client's folder.
pub const FILE: &str = "client.toml";

/// The contents of `client.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientFile {
    format: u16,
    id: u32,
}

impl ClientFile {
    /// The file of client `id`.
    #[must_use]
    pub fn new(id: ClientId) -> Self {
        Self { format: FORMAT, id: id.0 }
    }

    /// Which client.
    #[must_use]
    pub fn id(&self) -> ClientId {
        ClientId(self.id)
    }

    /// Reads the file in client folder `dir`.
    ///
    /// # Errors
    /// [`LayoutError`].
    pub fn read(dir: &Path) -> Result<Self, LayoutError> {
        text::read(&dir.join(FILE), |file: &Self| file.format)
    }

    /// Writes the file into client folder `dir`.
    ///
    /// # Errors
    /// [`LayoutError`].
    pub fn write(&self, dir: &Path) -> Result<(), LayoutError> {
        text::write(&dir.join(FILE), 0o644, self)
    }
}
