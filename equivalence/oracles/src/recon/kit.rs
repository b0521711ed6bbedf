//! What the tests of reconciliation's oracles are made of, beside what all are.

pub(crate) use crate::kit::{ME, config, effects, reject, sign, trips};
pub(crate) use crate::pre_order::kit::{content, matrix, request, slot_mut};

use super::definitions::own_part;
use crate::pre_order::definitions::PreOrder;
use prime::recon::State;
use wire::prime::{PoRequest, Recon};
use wire::{PoSeq, ReplicaId, Verified};

/// Server 1, knowing nothing.
pub(crate) fn state() -> State {
    State::new(&config(), ME)
}

/// Pre-ordering that knows nothing.
pub(crate) fn unordered() -> PreOrder {
    PreOrder::new(&config(), ME)
}

/// Pre-ordering that holds and certified these.
pub(crate) fn certified(requests: &[&Verified<PoRequest>]) -> PreOrder {
    let mut pre_order = unordered();
    for request in requests {
        let slot = slot_mut(&mut pre_order, request.signer().0, request.body().seq.0);
        (slot.request, slot.certified) = (Some((*request).clone()), Some(request.digest()));
    }
    pre_order
}

/// The part of `request` that server `i` sends.
pub(crate) fn part(i: u16, request: &Verified<PoRequest>) -> Recon {
    own_part(&config(), ReplicaId(i), request.signer(), (request.digest(), request.body()))
}

/// As it comes in.
pub(crate) fn signed_part(i: u16, request: &Verified<PoRequest>) -> Verified<Recon> {
    sign(i, part(i, request))
}

/// Server `i`'s message is held.
pub(crate) fn hold(state: &mut State, message: &Verified<Recon>) {
    let identifier = (message.body().originator, message.body().seq);
    state.parts[message.signer().index()].insert(identifier, message.clone());
}

/// An identifier.
pub(crate) fn id(o: u16, s: u64) -> (ReplicaId, PoSeq) {
    (ReplicaId(o), PoSeq(s))
}
