//! What every version, and every replica, must agree on.
//!
//! Nothing here is specific to one implementation: identifiers, canonical encoding, digests,
//! authenticators, [`Verified`], [`Config`] and its quorum functions, the [`Machine`] and
//! [`Service`] traits, and the messages of each protocol in a module of its own ([`prime`]).
//! Two diversified replicas are built from the same copy of this crate and of nothing else.
//!
//! # Encoding
//!
//! Borsh (little-endian integers, `u32` counts, one-byte enum tags in order of declaration),
//! canonical: one value has one encoding, and trailing bytes are an error. Every sequence has a
//! cap in its type ([`List`], [`Blob`]); the decoder refuses a count above the cap before it
//! reserves memory for it. [`codec`] describes the frames.
//!
//! # Trust
//!
//! Bytes become a message by decoding, and a message becomes a [`Verified`] one only by
//! [`Gate::verify`] or by being signed here ([`Signer`]). Protocol code takes `Verified` values
//! alone.

pub mod auth;
pub mod bounded;
pub mod client;
pub mod codec;
pub mod config;
pub mod digest;
pub mod ed25519;
pub mod fingerprint;
pub mod ids;
pub mod machine;
pub mod merkle;
pub mod monitoring;
pub mod prime;
pub mod service;
#[cfg(feature = "stub")]
pub mod stub;
pub mod threshold;
pub mod verifier;

pub use auth::{Auth, AuthError, Gate, Scheme, Signable, Signature, Signed, Signer, Verified};
pub use bounded::{Blob, List};
pub use client::{Reply, Update};
pub use config::{Config, ConfigError, Proofs, Timing, Windows};
pub use digest::Digest;
pub use ids::{ClientId, ClientSeq, PoSeq, Principal, ReplicaId, Seq, Time, View};
pub use machine::{Effect, Effects, Input, Machine, Memory, Protocol, Record, Reject, To};
pub use monitoring::Monitoring;
pub use service::Service;
pub use threshold::{Point, ThresholdScheme};
