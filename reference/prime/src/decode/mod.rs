//! Decoding: what meets the network first.
//!
//! Upon bytes from a peer, a server
//! - decodes them as one canonical message ([`message`]),
//! - and refuses one whose shape no correct server would send ([`shape`]).
//!
//! Signatures are checked after that, outside the core.

mod message;
mod shape;

pub use message::message;
pub use shape::shape;
