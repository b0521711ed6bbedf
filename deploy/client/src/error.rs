//! What can go wrong for a client.

use layout::LayoutError;
use std::path::PathBuf;
use wire::client::MAX_PAYLOAD;

/// Why an update was not executed, or why there is no client at all.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// A file of the client or the cluster.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The client's folder contradicts itself.
    #[error("{}: {what}", path.display())]
    Folder {
        /// Which file.
        path: PathBuf,
        /// What is wrong and what to do.
        what: String,
    },
    /// Another process uses this client's numbers.
    #[error("{}: another process is using this client; wait for it or use another", path.display())]
    Busy {
        /// The lock.
        path: PathBuf,
    },
    /// Too few replicas answer.
    #[error(
        "{connected} replicas answer, but an answer needs {needed}; are they running? (`status`)"
    )]
    Unreachable {
        /// How many do.
        connected: usize,
        /// f+1.
        needed: usize,
    },
    /// The replicas do not know this client's key.
    #[error("the replicas refuse this client's signature; was its key made for another cluster?")]
    NotEnrolled,
    /// A payload is longer than replicas take.
    #[error("a payload of {0} bytes where {MAX_PAYLOAD} are allowed")]
    TooLarge(usize),
    /// The replicas agree that the number lies beyond the client's window. Nothing was executed.
    #[error("the update's number lies beyond the client's window; nothing was executed")]
    BeyondWindow,
    /// The replicas agree that it was executed, so long ago that they forgot the answer.
    #[error("the update was executed, but so long ago that its answer is forgotten")]
    Forgotten,
    /// The journal cannot be written, so no further number may be used.
    #[error("{}: {source}; no update is sent that is not in the journal", path.display())]
    Journal {
        /// The journal.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The client was closed.
    #[error("the client was closed")]
    Closed,
}
