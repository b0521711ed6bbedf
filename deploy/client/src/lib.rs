//! The client side: updates in, answers out, each executed exactly once.
//!
//! A client numbers its updates without gaps, signs them and sends each to one replica, in turn.
//! An answer counts when f+1 replicas gave it, each under its own authenticator. What is not
//! answered in time is sent to f+k+1 others, again and again with growing pauses; replicas
//! execute each number once, whoever originates it.
//!
//! Execution waits at a gap in a client's numbers, so numbers must survive the client's own
//! death: see [`journal`].
//!
//! ```no_run
//! # async fn example() -> Result<(), client::ClientError> {
//! use client::{Client, Options};
//! let client = Client::connect("cluster/clients/kv".as_ref(), Options::default()).await?;
//! let result = client.submit(kv::Command::Get { key: kv::Key::default() }.encode()).await?;
//! # Ok(())
//! # }
//! ```

mod connection;
mod driver;
mod error;
pub mod histogram;
pub mod journal;
pub mod load;
mod pending;

pub use driver::{Client, Options, Signing};
pub use error::ClientError;
pub use histogram::Histogram;
