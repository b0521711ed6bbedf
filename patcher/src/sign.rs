//! The builder's signature beside each binary.

use crate::error::{Error, Result};
use crate::files;
use crate::project::Project;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Prefix of what is signed, so that the key's signatures mean nothing elsewhere.
const DOMAIN: &[u8] = b"patchy binary 1\0";

/// The content of a signature file, as JSON; all values but the format are hex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureFile {
    /// 1.
    pub format: u32,
    /// SHA-256 of the binary.
    pub sha256: String,
    /// The builder's Ed25519 key.
    pub public_key: String,
    /// Over the domain prefix and the digest in hex.
    pub signature: String,
}

/// Where the signature of a binary stands.
#[must_use]
pub fn signature_path(binary: &Path) -> PathBuf {
    beside(binary, ".sig")
}

/// Where the provenance of a binary stands.
#[must_use]
pub fn provenance_path(binary: &Path) -> PathBuf {
    beside(binary, ".provenance.json")
}

fn beside(binary: &Path, ending: &str) -> PathBuf {
    let mut name = binary.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    binary.with_file_name(name)
}

/// The builder's key of a project, made at first use and readable by its owner alone.
pub(crate) fn builder_key(project: &Project) -> Result<SigningKey> {
    let path = project.generated().join("builder.key");
    if !path.is_file() {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|error| Error::Tool {
            tool: "the system's random numbers".to_owned(),
            reason: error.to_string(),
        })?;
        files::create_folder(&project.generated())?;
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let mut file = made.map_err(Error::io(&path))?;
        file.write_all(&secret).map_err(Error::io(&path))?;
    }
    let secret = <[u8; 32]>::try_from(files::read(&path)?).map_err(|_| Error::Signature {
        file: path.clone(),
        reason: "this is no key of 32 bytes: delete it, and the next build makes a new one"
            .to_owned(),
    })?;
    Ok(SigningKey::from_bytes(&secret))
}

/// The builder's public key of a project, in hex: what [`verify_binary`] expects.
///
/// # Errors
///
/// The key cannot be read or made.
pub fn builder_public_key(project: &Project) -> Result<String> {
    Ok(files::hex(builder_key(project)?.verifying_key().as_bytes()))
}

/// The signature file of a binary's bytes.
pub(crate) fn sign(key: &SigningKey, sha256: &str) -> SignatureFile {
    SignatureFile {
        format: 1,
        sha256: sha256.to_owned(),
        public_key: files::hex(key.verifying_key().as_bytes()),
        signature: files::hex(&key.sign(&signed_bytes(sha256)).to_bytes()),
    }
}

fn signed_bytes(sha256: &str) -> Vec<u8> {
    [DOMAIN, sha256.as_bytes()].concat()
}

/// Checks a binary against the signature file beside it; `public_key` is the builder's, in hex.
///
/// # Errors
///
/// [`Error::Signature`] with what does not fit, [`Error::Io`] for missing files.
pub fn verify_binary(binary: &Path, public_key: &str) -> Result<()> {
    let file = signature_path(binary);
    let wrong = |reason: &str| Error::Signature { file: file.clone(), reason: reason.to_owned() };
    let signed: SignatureFile = serde_json::from_str(&files::read_text(&file)?)
        .map_err(|error| wrong(&format!("this is no signature file: {error}")))?;
    if signed.format != 1 {
        return Err(wrong("its format is not 1: build the binary anew"));
    }
    if signed.public_key != public_key {
        return Err(wrong("it was made with another builder's key"));
    }
    if signed.sha256 != files::sha256(&files::read(binary)?) {
        return Err(wrong("the binary is not the one that was signed: build it anew"));
    }
    let key = from_hex::<32>(public_key).and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok());
    let signature = from_hex::<64>(&signed.signature).map(|bytes| Signature::from_bytes(&bytes));
    let (Some(key), Some(signature)) = (key, signature) else {
        return Err(wrong("key or signature is not hex of the right length"));
    };
    key.verify_strict(&signed_bytes(&signed.sha256), &signature)
        .map_err(|_| wrong("the signature does not verify"))
}

fn from_hex<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    if text.len() != 2 * LENGTH || !text.is_ascii() {
        return None;
    }
    let digits = |index: usize| u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..LENGTH).map(digits).collect();
    bytes?.try_into().ok()
}
