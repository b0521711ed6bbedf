//! Links between replicas: one connection a direction, dialled by the side that sends.
//!
//! A dead peer costs a bounded queue and a dial now and then; a slow one costs its own queue. A
//! stranger, or a peer with a wrong key, gets no further than the handshake. One that sends forged
//! signatures is refused for a while (`standing`).

pub(crate) mod incoming;
pub(crate) mod noise;
pub(crate) mod outgoing;
pub(crate) mod standing;
#[cfg(test)]
mod tests;

use std::time::Duration;

/// Longest that connecting or shaking hands may take.
const HANDSHAKE: Duration = Duration::from_secs(5);
