//! What the hosts and the clients of one cluster share: files, keys and the client port.
//!
//! A cluster is a folder:
//!
//! ```text
//! cluster.toml             public: configuration, keys and addresses of everybody
//! clients/<name>/          one client: client.toml, secret.key, journal
//! replica-<id>/            one host, complete in itself:
//!     cluster.toml             the same file
//!     node.toml                which replica this is, and how it keeps its promises
//!     secret.key               mode 0600; refused if others can read it
//!     log/                     the replica's promises
//!     log.begun                the sign that there are some, by which it knows if `log` is lost
//!     replica.log              what it has to say to people
//! ```
//!
//! [`cluster`], [`node`] and [`client`] describe the files, [`keys`] the secrets, and [`port`]
//! what is said on a client port. Every file carries [`FORMAT`].

pub mod client;
pub mod cluster;
mod error;
mod hex;
pub mod keys;
pub mod node;
pub mod port;
mod text;

pub use client::ClientFile;
pub use cluster::{Cluster, Enrolled, Host};
pub use error::LayoutError;
pub use keys::{LinkKey, LinkSecret, Secrets, ThresholdSecret};
pub use node::{Durability, NodeFile};

/// Version of all files described here. A reader refuses any other.
pub const FORMAT: u16 = 1;
