//! What can be wrong with a cluster's folder.

use std::path::{Path, PathBuf};

/// A file of the cluster that cannot be used. The message names the file and the mend.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// The operating system refuses.
    #[error("{}: cannot be {doing}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// "read", "created" and the like.
        doing: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// The contents are not what they should be.
    #[error("{}{}: {what}", path.display(), line.map(|n| format!(", line {n}")).unwrap_or_default())]
    Content {
        /// Which file.
        path: PathBuf,
        /// Where, if it can be told; from 1.
        line: Option<usize>,
        /// What is wrong and what to do.
        what: String,
    },
    /// Others could read a secret.
    #[error(
        "{}: its mode {mode:03o} lets others read the secret key; run `chmod 600 {}`",
        path.display(), path.display()
    )]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
}

impl LayoutError {
    /// For `map_err` on file operations.
    pub(crate) fn io(path: &Path, doing: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { path, doing, source }
    }

    pub(crate) fn content(path: &Path, what: impl Into<String>) -> Self {
        Self::Content { path: path.to_path_buf(), line: None, what: what.into() }
    }
}
