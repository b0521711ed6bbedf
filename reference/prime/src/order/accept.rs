//! Pre-Prepares become valid one after another.

use crate::order::{Effects, State, advance, follows};
use slots::slot;
use wire::prime::Prepare;
use wire::{Config, Effect, Record, Reject, To};

/// Accepts every Pre-Prepare that is next in turn, in order. Nothing happens while this server may not
/// vote (`state.votes()`).
///
/// While the slot of `accepted + 1` holds a Pre-Prepare (and, as explained last, a token is there for
/// it):
/// - if the slot is not `committed` (a commit certificate vouches for validity) and its matrix does
///   not follow `state.preceding` ([`follows`]), it is removed from its slot (which stays),
///   `Invalid` is rejected naming its signer, and this ends;
/// - otherwise `accepted` becomes its number, `preceding` its matrix, and, if its number is above
///   `proposed`, `proposed` becomes its number and `proposal` its matrix. `Persist` of it as `Held`
///   is emitted. Then, unless this server signed it, or the slot is `committed` (nobody needs this
///   server's vote any more): `Relay` of it to every server but its signer and this one, ascending, one
///   `Relay` to `To::One` each, and the Prepare (its view, number and digest) as a promise to all. Then
///   [`advance`] for that number, whose votes may have come first.
///
/// Each Pre-Prepare that another server signed and that is accepted while its slot is not `committed`
/// takes one of `state.tokens`. Without any left this ends, before anything is looked at: the Pre-Prepare stays
/// where it is until [`refill`](super::refill) has brought another.
///
/// Invariant: at most one Prepare per (view, number), also across restarts.
/// Paper: 4.1, "Global Ordering Phase"; 4.2, "Pre-Prepare Flooding". Deviation: a Pre-Prepare waits
/// for the one before it.
#[slot(order.accept)]
pub fn accept(state: &mut State, config: &Config, effects: &mut Effects) {
    while state.votes() {
        let seq = state.accepted.next();
        let Some(slot) = state.slots.get_mut(&seq) else { return };
        let Some(message) = slot.pre_prepare.clone() else { return };
        let leader = message.signer();
        let committed = slot.committed;
        let costs = leader != state.me && !committed;
        if costs && state.tokens == 0 {
            return;
        }
        if !committed && !follows(config, &state.preceding, &message.body().matrix) {
            slot.pre_prepare = None;
            return effects.reject(leader, Reject::Invalid);
        }
        state.tokens -= u64::from(costs);
        state.accepted = seq;
        state.preceding = message.body().matrix.clone();
        if seq > state.proposed {
            state.proposed = seq;
            state.proposal = state.preceding.clone();
        }
        let (view, digest) = (message.body().view, message.digest());
        effects.persist(Record::Held(message.clone().into()));
        if costs {
            for peer in config.replicas().filter(|peer| *peer != leader && *peer != state.me) {
                effects.push(Effect::Relay { to: To::One(peer), message: message.clone().into() });
            }
            effects.promise(To::All, Prepare { view, seq, digest });
        }
        advance(state, config, seq, effects);
    }
}
