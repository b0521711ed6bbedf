//! Secrets: one file for each principal, readable by its owner alone.

use crate::hex::{self, Hex};
use crate::{FORMAT, LayoutError, text};
use curve25519_dalek::MontgomeryPoint;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use wire::ed25519::SecretKey;

/// An X25519 public key: how a replica's links know each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LinkKey(#[serde(with = "hex")] pub [u8; 32]);

impl LinkKey {
    /// Whether everybody knows what a secret key makes of it: no secret belongs to such a key.
    pub(crate) fn is_of_small_order(&self) -> bool {
        // Clamped scalars are multiples of the cofactor.
        MontgomeryPoint(self.0).mul_clamped([1; 32]).0 == [0; 32]
    }
}

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "link:{}", &hex::encode(&self.0)[..8])
    }
}

/// An X25519 secret key. Never printed.
#[derive(Clone)]
pub struct LinkSecret([u8; 32]);

impl fmt::Debug for LinkSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkSecret(..)")
    }
}

impl LinkSecret {
    /// The key with these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A fresh key from the operating system's randomness.
    ///
    /// # Errors
    /// The operating system gives none.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// The 32 bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Its public key.
    #[must_use]
    pub fn public(&self) -> LinkKey {
        LinkKey(MontgomeryPoint::mul_base_clamped(self.0).0)
    }
}

/// A replica's share of the secret behind threshold signatures. Never printed.
#[derive(Clone)]
pub struct ThresholdSecret(pub [u8; 32]);

impl fmt::Debug for ThresholdSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ThresholdSecret(..)")
    }
}

/// What `secret.key` holds.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// Signs messages or updates.
    pub signing: SecretKey,
    /// Opens links; `None` for a client.
    pub link: Option<LinkSecret>,
    /// The share of the cluster's threshold secret; `None` for a client, and in a cluster of
    /// certificates.
    pub threshold: Option<ThresholdSecret>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretFile {
    format: u16,
    #[serde(with = "hex")]
    signing: [u8; 32],
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<LinkKey>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    threshold: Option<Hex<32>>,
}

impl Secrets {
    /// Fresh secrets of a replica.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub fn for_replica() -> Result<Self, getrandom::Error> {
        let link = Some(LinkSecret::generate()?);
        Ok(Self { signing: SecretKey::generate()?, link, threshold: None })
    }

    /// A fresh secret of a client.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub fn for_client() -> Result<Self, getrandom::Error> {
        Ok(Self { signing: SecretKey::generate()?, link: None, threshold: None })
    }

    /// Reads `path`, which nobody but its owner may be able to read or write.
    ///
    /// # Errors
    /// [`LayoutError`]: unreadable, exposed to others, or not a key file.
    pub fn read(path: &Path) -> Result<Self, LayoutError> {
        let metadata = fs::metadata(path).map_err(LayoutError::io(path, "read"))?;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(LayoutError::Exposed { path: path.to_path_buf(), mode });
        }
        let file: SecretFile = text::read(path, |file: &SecretFile| file.format)?;
        let link = file.link.map(|key| LinkSecret(key.0));
        let threshold = file.threshold.map(|secret| ThresholdSecret(secret.0));
        Ok(Self { signing: SecretKey::from_seed(&file.signing), link, threshold })
    }

    /// Writes `path` with mode 0600.
    ///
    /// # Errors
    /// [`LayoutError`]: the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), LayoutError> {
        let link = self.link.as_ref().map(|secret| LinkKey(secret.0));
        let threshold = self.threshold.as_ref().map(|secret| Hex(secret.0));
        let file = SecretFile { format: FORMAT, signing: self.signing.seed(), link, threshold };
        text::write(path, 0o600, &file)
    }
}
