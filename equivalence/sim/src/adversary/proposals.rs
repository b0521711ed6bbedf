//! What adversaries that lead have in common.

use super::Saying;
use wire::ReplicaId;
use wire::prime::{Body, Incoming, PrePrepare, Prime, Replay};

/// The own Pre-Prepare that is being said, for the first time or again.
pub(super) fn pre_prepare(me: ReplicaId, saying: &Saying<Prime>) -> Option<&PrePrepare> {
    match saying {
        Saying::Own(Body::PrePrepare(body)) => Some(body),
        Saying::Relayed(Incoming::PrePrepare(held)) if held.signer() == me => Some(held.body()),
        Saying::Own(_) | Saying::Relayed(_) => None,
    }
}

/// The own Replay that is being said, for the first time or again.
pub(super) fn replay(me: ReplicaId, saying: &Saying<Prime>) -> Option<&Replay> {
    match saying {
        Saying::Own(Body::Replay(body)) => Some(body),
        Saying::Relayed(Incoming::Replay(held)) if held.signer() == me => Some(held.body()),
        Saying::Own(_) | Saying::Relayed(_) => None,
    }
}
